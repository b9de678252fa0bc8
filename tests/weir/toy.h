/* toy.h - a small serving child, to prove the parent with: it greets each client with a line. */
#ifndef TESTS_WEIR_TOY_H
#define TESTS_WEIR_TOY_H

/* Becomes the parent, or its child, and gives the exit status. `file` has a word per line:
 *     listen NAME ADDRESS COUNT	asks for sockets, once more at each reload
 *     version WORD			told to clients
 *     fail SENTENCE			never becomes ready
 *     die				crashes before it is ready
 *     dawdle				neither ready nor failed
 *     stay				does not drain
 *
 * A client reads "PID VERSION BIRTH KEPT\n" and may write one of
 *     hang, stuck, junk, exit, crash	what it says
 *     orphan				has a child of its own, which ends a little later
 *     drain				drains by itself
 *     keep WORD			leaves a memfd with WORD to the next child
 *     gone NAME			gives that listener up
 * or nothing; a draining child ends when its clients have gone. */
int toy_main(int argc, char **argv);

#endif

/* scan.c - the table of the classes of bytes in HTTP. */
#include "core/http/scan.h"

enum {
	MARK = BYTE_TOKEN | BYTE_VALUE | BYTE_PATH,	/* tchar and pchar: ! $ & ' * + */
	PLAIN = MARK | BYTE_UNRESERVED,
	NAME = PLAIN | BYTE_HOST,
	SUB = BYTE_VALUE | BYTE_PATH,			/* pchar, not tchar: ( ) , ; = : @ */
	ODD = BYTE_TOKEN | BYTE_VALUE,			/* tchar, not pchar: # % ^ ` | */
};

const uint8_t byte_classes[256] = {
	['\t'] = BYTE_VALUE,
	[' '] = BYTE_VALUE,
	['!'] = MARK,
	['"'] = BYTE_VALUE,
	['#'] = ODD,
	['$'] = MARK,
	['%'] = ODD,
	['&'] = MARK,
	['\''] = MARK,
	['('] = SUB,
	[')'] = SUB,
	['*'] = MARK,
	['+'] = MARK,
	[','] = SUB,
	['-'] = NAME,
	['.'] = NAME,
	['/'] = BYTE_VALUE,
	['0' ... '9'] = NAME | BYTE_HEX,
	[':'] = SUB,
	[';'] = SUB,
	['<'] = BYTE_VALUE,
	['='] = SUB,
	['>'] = BYTE_VALUE,
	['?'] = BYTE_VALUE,
	['@'] = SUB,
	['A' ... 'F'] = PLAIN | BYTE_HEX,
	['G' ... 'Z'] = PLAIN,
	['['] = BYTE_VALUE,
	['\\'] = BYTE_VALUE,
	[']'] = BYTE_VALUE,
	['^'] = ODD,
	['_'] = NAME,
	['`'] = ODD,
	['a' ... 'f'] = NAME | BYTE_HEX,
	['g' ... 'z'] = NAME,
	['{'] = BYTE_VALUE,
	['|'] = ODD,
	['}'] = BYTE_VALUE,
	['~'] = NAME,
	[0x80 ... 0xff] = BYTE_VALUE,
};

// issuer.mjs - a token issuer on jose, for the story of real tokens: describes itself, publishes its keys, and
// signs whatever a test asks for. node issuer.mjs PORT [CERTIFICATE KEY]
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import * as jose from 'jose';

const port = Number(process.argv[2] ?? 0);
const algs = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
let generation = 0;
let keys = {};
let asked = 0;

async function rotate() {
  const made = {};
  const rsa = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }); // one for all: they take long to make

  generation++;
  for (const alg of algs) {
    const pair = /^[RP]S/.test(alg) ? rsa : await jose.generateKeyPair(alg, { extractable: true });
    const jwk = await jose.exportJWK(pair.publicKey);
    made[alg] = { private: pair.privateKey, jwk: { ...jwk, alg, use: 'sig', kid: `${alg}-${generation}` } };
  }
  keys = made;
}

async function token(query, issuer) {
  const alg = query.get('alg') ?? 'RS256';
  const claims = JSON.parse(query.get('claims') ?? '{}');
  return await new jose.SignJWT({ sub: 'ann', ...claims })
    .setProtectedHeader({ alg, kid: keys[alg].jwk.kid, typ: query.get('typ') ?? 'JWT' })
    .setIssuer(query.get('iss') ?? issuer)
    .setAudience(query.get('aud') ?? 'orders')
    .setIssuedAt()
    .setExpirationTime(query.get('exp') ?? '1h')
    .sign(keys[alg].private);
}

const [cert, key] = process.argv.slice(3, 5).map((path) => fs.readFileSync(path));

async function answer(request, response) {
  const issuer = `${cert ? 'https' : 'http'}://127.0.0.1:${server.address().port}`;
  const url = new URL(request.url, issuer);
  const say = (type, text, headers = {}) => {
    response.writeHead(200, { 'content-type': type, ...headers });
    response.end(text);
  };

  if (url.pathname === '/.well-known/openid-configuration') {
    say('application/json', JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks` }));
  } else if (url.pathname === '/jwks') {
    asked++;
    say('application/json', JSON.stringify({ keys: algs.map((alg) => keys[alg].jwk) }),
      { 'cache-control': 'public, max-age=300' });
  } else if (url.pathname === '/token') {
    say('text/plain', await token(url.searchParams, issuer));
  } else if (url.pathname === '/rotate') {
    await rotate();
    say('text/plain', 'rotated');
  } else if (url.pathname === '/asked') {
    say('text/plain', String(asked));
  } else {
    response.writeHead(404).end();
  }
}

const server = cert ? https.createServer({ cert, key }, answer) : http.createServer(answer);

await rotate();
server.listen(port, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0)); // the story is over

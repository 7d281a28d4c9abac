import { describe, expect, it } from 'vitest';
import { findPeerUser, UNKNOWN_USER } from '../../../../src/inspector/http/peer-user.js';

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode               \n';

/** A line as Linux writes it. */
const line = (local: string, remote: string, state: string, user: number): string =>
  `   7: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000 ${String(user).padStart(5)}        0 3438329 1 0000000024ac3b10 100 0 0 10 0\n`;

const LOOPBACK = '0100007F';
const [SERVER, CLIENT] = ['10B9', 'A06D'];
const peer = { remoteAddress: '127.0.0.1', remotePort: 0xa06d, localAddress: '127.0.0.1', localPort: 0x10b9 };
const serverSide = line(`${LOOPBACK}:${SERVER}`, `${LOOPBACK}:${CLIENT}`, '01', 1000);

describe('the user at the other end of a connection', () => {
  it.each([
    ['its socket', line(`${LOOPBACK}:${CLIENT}`, `${LOOPBACK}:${SERVER}`, '01', 1001), 1001],
    [
      'its socket among those of IPv6',
      line(
        `0000000000000000FFFF0000${LOOPBACK}:${CLIENT}`,
        `0000000000000000FFFF0000${LOOPBACK}:${SERVER}`,
        '01',
        1002,
      ),
      1002,
    ],
    [
      'a socket that is closed, and shows no user',
      line(`${LOOPBACK}:${CLIENT}`, `${LOOPBACK}:${SERVER}`, '06', 0),
      null,
    ],
    ['the same port at another address', line(`0200007F:${CLIENT}`, `${LOOPBACK}:${SERVER}`, '01', 1003), null],
    ['a connection to another server', line(`${LOOPBACK}:${CLIENT}`, `${LOOPBACK}:0050`, '01', 1004), null],
    ...['04', '05', '08'].map((state): [string, string, number] => [
      `its socket, half closed (${state})`,
      line(`${LOOPBACK}:${CLIENT}`, `${LOOPBACK}:${SERVER}`, state, 1005),
      UNKNOWN_USER,
    ]),
    [
      'its socket, which no process holds any more, and which shows root',
      line(`${LOOPBACK}:${CLIENT}`, `${LOOPBACK}:${SERVER}`, '05', 0),
      UNKNOWN_USER,
    ],
    [
      'its socket after one of the same ports that was not accepted, and shows root',
      line(`${LOOPBACK}:${CLIENT}`, `0200007F:${SERVER}`, '01', 0) +
        line(`${LOOPBACK}:${CLIENT}`, `${LOOPBACK}:${SERVER}`, '01', 1006),
      1006,
    ],
    ['no such socket', '', null],
  ])('%s', (_case, text, user) => {
    expect(findPeerUser(`${HEAD}${serverSide}${text}`, peer)).toBe(user);
  });

  it('is not known where the system has no such table', () => {
    expect(findPeerUser('', peer)).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { reachOf } from '../../../src/address/reach.js';

const hostOf = (host: string): string => new URL(`http://${host}/`).hostname;

describe('reachOf', () => {
  it.each([
    ['localhost', 'loopback'],
    ['app.localhost', 'loopback'],
    ['127.0.0.1', 'loopback'],
    ['127.9.9.9', 'loopback'],
    ['2130706433', 'loopback'],
    ['[::1]', 'loopback'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['169.254.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['100.127.0.1', 'private'],
    ['0.0.0.0', 'private'],
    ['[fd00::1]', 'private'],
    ['[fc12::1]', 'private'],
    ['[fe80::1]', 'private'],
    ['api', 'private'],
    ['host.docker.internal', 'private'],
    ['mac.local', 'private'],
    ['mac.local.', 'private'],
    ['shop.test', 'private'],
    ['nas.home.arpa', 'private'],
    ['172.15.0.1', 'public'],
    ['172.32.0.1', 'public'],
    ['100.63.0.1', 'public'],
    ['100.128.0.1', 'public'],
    ['192.169.0.1', 'public'],
    ['8.8.8.8', 'public'],
    ['[2001:db8::1]', 'public'],
    ['[fe::1]', 'public'],
    ['example.com', 'public'],
    ['10.example.com', 'public'],
    ['127.0.0.1.example.com', 'public'],
    ['localhost.example.com', 'public'],
    ['fd00.example.com', 'public'],
    ['notlocal', 'private'],
    ['example.notlocal', 'public'],
  ])('%s is %s', (host, reach) => expect(reachOf(hostOf(host))).toBe(reach));
});

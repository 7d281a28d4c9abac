import { describe, expect, it } from 'vitest';
import type { Resolver } from '../../../src/endpoint-check/context.js';
import { checkDns } from '../../../src/endpoint-check/dns.js';
import { realWorld, systemLookUp } from '../../support/world.js';

/** What the DNS holds, by question and name; an error code instead of an answer fails the question. */
type Zone = Partial<Record<keyof Resolver, Readonly<Record<string, readonly string[] | string>>>>;

function resolver(zone: Zone): Resolver {
  const ask = (question: keyof Resolver) => async (name: string) => {
    const answer = zone[question]?.[name] ?? 'ENOTFOUND';
    if (typeof answer !== 'string') return answer;
    throw Object.assign(new Error(answer), { code: answer });
  };
  return {
    resolve4: ask('resolve4'),
    resolve6: ask('resolve6'),
    resolveCname: ask('resolveCname'),
    lookup: ask('lookup'),
  };
}

async function look(url: string, zone: Zone) {
  const { steps, addresses } = await checkDns(new URL(url), realWorld([], { resolver: resolver(zone) }));
  const odd = steps.filter(({ status }) => status !== 'pass').map(({ id, status }) => `${id} ${status}`);
  return { steps, addresses, odd };
}

const NAME = 'hooks.example.com';
const URL_OF_NAME = `https://${NAME}/apple`;
const V4 = '203.0.113.7';
const V6 = '2001:db8::7';
const NOWHERE = ['dns.alias skip', 'dns.ipv4 skip', 'dns.reach skip'];

describe('the addresses of a name', () => {
  it.each<[string, Zone, readonly string[], readonly string[]]>([
    ['of both versions', { resolve4: { [NAME]: [V4] }, resolve6: { [NAME]: [V6] } }, [V4, V6], []],
    ['of version 4', { resolve4: { [NAME]: [V4, V4] }, resolve6: { [NAME]: 'ENODATA' } }, [V4], []],
    ['of version 6 only', { resolve4: { [NAME]: 'ENODATA' }, resolve6: { [NAME]: [V6] } }, [V6], ['dns.ipv4 warn']],
    ['a private one among them', { resolve4: { [NAME]: [V4, '10.0.0.7'] } }, [V4, '10.0.0.7'], ['dns.reach warn']],
    ['of this machine', { resolve4: { [NAME]: ['127.0.0.1'] } }, ['127.0.0.1'], ['dns.reach warn']],
    ['none', {}, [], ['dns.address fail', ...NOWHERE]],
    [
      'none but in the hosts file',
      { lookup: { [NAME]: [V4] } },
      [V4],
      ['dns.address fail', 'dns.alias skip', 'dns.ipv4 skip'],
    ],
    [
      'no server answers',
      { resolve4: { [NAME]: 'ETIMEOUT' }, resolve6: { [NAME]: 'ESERVFAIL' } },
      [],
      ['dns.address fail', ...NOWHERE],
    ],
    [
      'no server answers, the system knows them',
      { resolve4: { [NAME]: 'ECONNREFUSED' }, resolve6: { [NAME]: 'ECONNREFUSED' }, lookup: { [NAME]: [V4] } },
      [V4],
      ['dns.address warn', 'dns.ipv4 skip'],
    ],
    [
      'an alias that leads nowhere',
      { resolveCname: { [NAME]: ['app.host.example'], 'app.host.example': ['gone.host.example'] } },
      [],
      ['dns.address skip', 'dns.alias fail', 'dns.ipv4 skip', 'dns.reach skip'],
    ],
    [
      'an alias that leads to itself',
      { resolveCname: { [NAME]: ['b.example'], 'b.example': [NAME] } },
      [],
      ['dns.address skip', 'dns.alias fail', 'dns.ipv4 skip', 'dns.reach skip'],
    ],
  ])('%s', async (_case, zone, addresses, odd) => {
    const seen = await look(URL_OF_NAME, zone);
    expect(seen).toMatchObject({ addresses, odd });
    const failed = seen.steps.filter(({ status }) => status === 'fail');
    expect(failed.map(({ sendAttemptResult }) => sendAttemptResult)).toEqual(failed.map(() => 'SOCKET_ISSUE'));
  });

  it('names where an alias ends', async () => {
    const { steps } = await look(URL_OF_NAME, { resolveCname: { [NAME]: ['gone.example'] } });
    expect(steps.find(({ id }) => id === 'dns.alias')?.seen).toContain('gone.example');
  });

  it('are looked up as the system does for names of this machine and network', async () => {
    const lookup = { localhost: ['::1', '127.0.0.1'], 'app.test': ['10.0.0.9'] };
    expect(await look('http://localhost:8080/', { lookup })).toMatchObject({
      addresses: ['127.0.0.1', '::1'],
      odd: NOWHERE,
    });
    expect(await look('http://app.test/', { lookup })).toMatchObject({ addresses: ['10.0.0.9'], odd: NOWHERE });
    expect((await look('http://no.test/', { lookup })).odd).toEqual(['dns.address fail', ...NOWHERE]);
  });

  it.each([
    ['http://127.0.0.1:8080/', '127.0.0.1'],
    ['https://[::1]/', '::1'],
  ])('need no question for %s', async (url, address) => {
    expect(await look(url, {})).toMatchObject({ addresses: [address], odd: ['dns.address skip', ...NOWHERE] });
  });

  it('of this machine are known to the system', async () => {
    expect(await systemLookUp('localhost', new AbortController().signal)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^(?:127\.0\.0\.1|::1)$/)]),
    );
  });

  it('are not waited for longer than a question may take', async () => {
    const never = (): Promise<never> => new Promise(() => {});
    const world = realWorld([], {
      resolver: { resolve4: never, resolve6: never, resolveCname: never, lookup: never },
      sleep: async () => {},
    });
    const { steps } = await checkDns(new URL(URL_OF_NAME), world);
    expect(steps[0]).toMatchObject({ status: 'fail', seen: expect.stringContaining('ETIMEOUT') });
  });
});

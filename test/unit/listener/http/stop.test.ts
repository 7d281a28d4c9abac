import { expect, it } from 'vitest';
import type { ListenerResponse } from '../../../../src/listener/http/responses.js';
import { post, rawClient } from './raw-client.js';
import { held, start, until } from './started.js';

const NEVER = (): Promise<void> => new Promise(() => undefined);
const AT_ONCE = (): Promise<void> => Promise.resolve();

it('closes idle connections at once, and answers requests in progress', async () => {
  const hold = held();
  const { port, receiver, taken } = await start({ sleep: NEVER }, hold.answer);
  const idle = await rawClient(port);
  const kept = await rawClient(port);
  kept.write(post('', {}, 'GET /hook'));
  await kept.responses(1);
  const busy = await rawClient(port);
  busy.write(post('1'));
  const halfway = await rawClient(port);
  halfway.write(post('2', { 'content-length': '3', expect: '100-continue' }));
  await halfway.responses(1);
  await until(() => taken.length === 1);
  const stopped = receiver.stop(5_000);
  await Promise.all([idle.closed, kept.closed]);
  await expect(rawClient(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  hold.release();
  expect(await busy.toTheEnd()).toMatchObject([{ status: 200, headers: { connection: 'close' } }]);
  halfway.write('45');
  await until(() => taken.length === 2);
  hold.release();
  expect((await halfway.toTheEnd())[1]).toMatchObject({ status: 200, headers: { connection: 'close' } });
  await stopped;
});

it('closes the others after the grace period', async () => {
  const { port, receiver, taken, refused } = await start({ sleep: AT_ONCE }, held().answer);
  const busy = await rawClient(port);
  busy.write(post('1'));
  const halfway = await rawClient(port);
  halfway.write(post('2', { 'content-length': '3', expect: '100-continue' }));
  await halfway.responses(1);
  await until(() => taken.length === 1);
  await Promise.all([receiver.stop(5_000), receiver.stop(5_000)]);
  expect(await busy.toTheEnd()).toEqual([]);
  expect(await halfway.toTheEnd()).toMatchObject([{ status: 100 }]);
  expect(refused).toMatchObject([{ code: 'INCOMPLETE' }]);
});

it('answers all that came on one connection, in whatever order they are ready', async () => {
  const answers: (() => void)[] = [];
  const answer = (): Promise<ListenerResponse> =>
    new Promise((resolve) => void answers.unshift(() => resolve({ status: 200, body: null })));
  const { port, receiver, taken } = await start({ sleep: NEVER }, answer);
  const client = await rawClient(port);
  client.write(post('1') + post('2') + post('3', { 'content-length': '2', expect: '100-continue' }));
  await until(() => taken.length === 2);
  const stopped = receiver.stop(5_000);
  for (const give of answers.splice(0)) give();
  await client.responses(3);
  client.write('4');
  await until(() => taken.length === 3);
  answers[0]?.();
  client.write(post('5'));
  const responses = await client.toTheEnd();
  expect(responses.map(({ status }) => status)).toEqual([200, 200, 100, 200]);
  expect(responses.map(({ headers }) => headers.connection)).toEqual(['keep-alive', 'keep-alive', undefined, 'close']);
  await stopped;
  expect(taken).toHaveLength(3);
});

import { expect, it } from 'vitest';
import { campaign } from '../../../campaigns/requests.js';

it('streams of requests, cut anywhere, are answered as the model says, and changed ones are survived', async () => {
  const { figures, failures } = await campaign.run({ seed: 3, rounds: 80, isOver: () => false, log: () => undefined });
  expect(failures).toEqual([]);
  expect(figures).toMatchObject({ streams: 80 });
});

import { expect, it } from 'vitest';
import { campaign } from '../campaigns/kill.js';

it.skipIf(process.platform === 'win32')(
  'a listener that is killed loses nothing that it answered 200, invents nothing, and delivers all in the end',
  async () => {
    const { figures, failures } = await campaign.run({ seed: 5, rounds: 3, isOver: () => false, log: () => undefined });
    expect(failures).toEqual([]);
    expect(figures).toMatchObject({ rounds: 3 });
    expect(figures.acked).toBeGreaterThan(150);
  },
);

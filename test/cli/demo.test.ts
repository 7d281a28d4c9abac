import { describe, expect, it } from 'vitest';
import { now, sleep } from '../../src/clock.js';
import { createDispatcher } from '../../src/http/dispatcher.js';
import { runCli } from '../support/run-cli.js';

/** The demo is real from end to end, and so is its clock. */
const REAL = {
  now,
  sleep,
  http: createDispatcher,
  random: (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes)),
};

describe('demo', () => {
  it('prints each step of the loop', async () => {
    const { code, stdout, stderr } = await runCli(['demo'], REAL);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(
      stdout
        .split('\n')
        .map((line) => line.slice(10, 19).trim())
        .slice(2, 10),
    ).toEqual(['authority', 'listener', 'emulator', 'request', 'received', 'verified', 'answered', 'status']);
    expect(stdout).toMatch(/valid: TEST, \d+ checks passed/);
    expect(stdout).toMatch(/^Passed in \d+\.\d s/m);
  });

  it('ends with a pair of commands that the tool accepts, to type in two shells', async () => {
    const { stdout } = await runCli(['demo'], REAL);
    const commands = [...stdout.matchAll(/^ {2}(?:receive|send) +storewire (.+)$/gm)].map(([, line = '']) => line);
    expect(commands).toEqual(['listen --trust-authority', 'trigger DID_RENEW']);
  });

  it('prints one document with --json', async () => {
    const { code, stdout } = await runCli(['demo', '--json'], REAL);
    const { verdict, steps, ms } = JSON.parse(stdout) as {
      verdict: string;
      steps: { id: string; value: string }[];
      ms: number;
    };
    expect({ code, verdict }).toEqual({ code: 0, verdict: 'pass' });
    expect(steps.at(-1)).toMatchObject({ id: 'status', value: 'SUCCESS' });
    expect(ms).toBeGreaterThan(0);
  });
});

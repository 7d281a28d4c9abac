import { describe, expect, it } from 'vitest';
import { runCli } from '../support/run-cli.js';

const COMMANDS = [
  'decode',
  'verify',
  'listen',
  'replay',
  'journal',
  'trigger',
  'audit',
  'emulator',
  'authority',
  'test',
  'status',
  'history',
  'check',
  'endpoint',
  'explain',
  'init',
  'config',
  'demo',
  'completion',
];

describe('help', () => {
  it('of the program lists every command in order', async () => {
    const { code, stdout } = await runCli(['--help']);
    expect(code).toBe(0);
    const listed = [...stdout.slice(stdout.indexOf('Commands:')).matchAll(/^ {2}(\w+) /gm)].map((match) => match[1]);
    expect(listed).toEqual(COMMANDS);
  });

  it.each([[], ...COMMANDS.map((name) => [name])])('%s opens with examples and fits 80 columns', async (...name) => {
    const { code, stdout, stderr } = await runCli([...name, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.startsWith('Examples:\n  ')).toBe(true);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(stdout).not.toContain('default: false');
    expect(stdout).not.toMatch(/default: \d{3,}\)/);
  });

  it('and version need no command', async () => {
    const { code, stdout } = await runCli(['--version']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it('comes, as an error, where nothing was asked for', async () => {
    const { code, stdout, stderr } = await runCli([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: storewire');
    expect(stderr).not.toContain('error:');
  });

  it('of the program is not in the way of a --version of a command', async () => {
    expect(await runCli(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    const { code, stderr } = await runCli(['endpoint', 'set', '--version', 'V9']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('V2 or V1') });
  });

  it.each([[['--color', 'never']], [['--color=never']]])('nor behind %j', async (colour) => {
    const { code, stdout } = await runCli([...colour, 'endpoint', 'set', '--version', 'V9']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('of what only every object has: there is no such command', async () => {
    const { code, stderr } = await runCli(['constructor']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("unknown command 'constructor'") });
  });
});

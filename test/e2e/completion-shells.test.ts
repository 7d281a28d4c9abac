import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonToSkip } from '../support/installed.js';
import { askBash, askFish, askPowerShell, askZsh, hasShell, makeShellHome, type ShellHome } from '../support/shells.js';

let home: ShellHome;
beforeAll(() => {
  home = makeShellHome(['my-app', 'other-app', 'not $(touch pwned) this']);
});
afterAll(() => home.remove());

describe.skipIf(!hasShell('bash'))('bash', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['a command', ['tri'], ['trigger']],
    ['a type in any case', ['trigger', 'did_renew'], ['DID_RENEW', 'DID_RENEW.BILLING_RECOVERY']],
    ['a subcommand', ['journal', 'sh'], ['show']],
    ['a flag', ['trigger', '--sce'], ['--scenario']],
    ['a scenario', ['trigger', '--scenario', 'refund-r'], ['refund-reversed']],
    ['a scenario behind =', ['trigger', '--scenario', '=', 'refund-r'], ['refund-reversed']],
    ['a choice', ['listen', '--answer', ''], ['ack', 'forwarded']],
    ['a choice right behind =', ['listen', '--answer', '='], ['ack', 'forwarded']],
    ['the next of a list', ['listen', '--events', 'REFUND,GRACE'], ['REFUND,GRACE_PERIOD_EXPIRED']],
    ['a reason to forge', ['trigger', '--forge', 'untr'], ['UNTRUSTED_ROOT']],
    ['a term to explain', ['explain', 'TLS_'], ['TLS_ISSUE']],
    ['a profile', ['config', '--profile', ''], ['my-app', 'other-app']],
    ['a shell', ['completion', 'z'], ['zsh']],
    ['nothing for a free value', ['listen', '--port', ''], []],
    ['nothing for what is no command', ['trogger', ''], []],
  ])('completes %s', (_what, words, offered) => {
    expect(askBash(home, ['storewire', ...words])).toEqual(offered);
  });

  it('begins a new word behind a blank', () => {
    expect(askBash(home, ['storewire', 'listen', '--answer', '=', ''], 'storewire listen --answer= ')).not.toContain(
      'ack',
    );
  });

  it('leaves files to bash, which knows how to quote them', () => {
    expect(askBash(home, ['storewire', 'decode', 'pay'])).toEqual([]);
    expect(askBash(home, ['storewire', 'replay', 'l'])).toEqual(['last']);
    const { stdout } = home.run('bash', ['--norc', '-c', 'eval "$(storewire completion bash)"; complete -p storewire']);
    expect(stdout).toBe('complete -o default -F _storewire storewire\n');
  });
});

describe.skipIf(!hasShell('fish'))('fish', () => {
  it.each<[string, string, readonly string[]]>([
    ['a command', 'storewire tri', ['trigger\tSend a signed test notification, or a scenario of several']],
    ['a type', 'storewire trigger REFUND_D', ['REFUND_DECLINED\tApple declined a refund request']],
    ['a scenario', 'storewire trigger --scenario refund-r', ['refund-reversed']],
    ['a scenario behind =', 'storewire trigger --scenario=refund-r', ['--scenario=refund-reversed']],
    ['a choice', 'storewire listen --answer ', ['ack', 'forwarded']],
    ['a profile', 'storewire config --profile ', ['my-app', 'other-app']],
    ['nothing for a free value', 'storewire listen --port ', []],
  ])('completes %s', (_what, line, offered) => {
    const found = askFish(home, line);
    expect(found.map((each, at) => (offered[at]?.includes('\t') ? each : each.split('\t')[0]))).toEqual(offered);
  });

  it('completes files', () => {
    expect(askFish(home, 'storewire decode pay').join('\n')).toContain('payload');
  });
});

describe.skipIf(!hasShell('zsh'))('zsh', () => {
  it.each<[string, string, string]>([
    ['a command', 'storewire tri\\t', 'storewire trigger '],
    ['a type in any case', 'storewire trigger refund_d\\t', 'storewire trigger REFUND_DECLINED '],
    ['a scenario', 'storewire trigger --scenario refund-r\\t', 'storewire trigger --scenario refund-reversed '],
    [
      'a scenario behind =',
      'storewire trigger --scenario=refund-r\\t',
      'storewire trigger --scenario=refund-reversed ',
    ],
    ['a profile', 'storewire config --profile my\\t', 'storewire config --profile my-app '],
    ['a file, quoted', 'storewire decode payload\\\\ \\t', 'storewire decode payload\\ one.json '],
  ])('completes %s', (_what, keys, line) => {
    expect(askZsh(home, keys).line).toBe(line);
  });

  it('offers them all where several fit, and none where none does', () => {
    expect(askZsh(home, 'storewire listen --answer \\t').matches).toBe(2);
    expect(askZsh(home, 'storewire listen --port 1\\t')).toEqual({ line: 'storewire listen --port 1', matches: 0 });
  });
});

describe(`PowerShell${reasonToSkip('pwsh')}`, { skip: reasonToSkip('pwsh') !== '' }, () => {
  it.each<[string, string, readonly string[]]>([
    ['a command', 'storewire tri', ['trigger']],
    ['a subcommand', 'storewire journal sh', ['show']],
    ['a flag', 'storewire trigger --sce', ['--scenario']],
    ['a scenario', 'storewire trigger --scenario refund-r', ['refund-reversed']],
    ['a choice, with no letter of it', 'storewire listen --answer ', ['ack', 'forwarded']],
    ['a profile', 'storewire config --profile my', ['my-app']],
    ['nothing for a free value', 'storewire listen --port ', []],
  ])('completes %s', (_what, line, offered) => {
    expect(askPowerShell(home, line)).toEqual(offered);
  });

  it('completes files', () => {
    expect(askPowerShell(home, 'storewire decode pay').join('\n')).toContain('payload');
  });
});

it('runs nothing that a profile is called', () => {
  expect(home.run('ls', []).stdout).not.toContain('pwned');
});

import { describe, expect, it } from 'vitest';
import { createReporter } from '../../../src/cli/reporter.js';
import { captureOutput } from '../../support/run-cli.js';

function said(options: { isTty: boolean; columns?: number; json?: boolean }, text: string): string {
  const stderr = captureOutput(options);
  const stdout = captureOutput();
  createReporter({ json: options.json ?? false }, { stdout: stdout.stream, stderr: stderr.stream, now: () => 0 }).say(
    text,
  );
  return stderr.text();
}

const NOTE = 'App Store Connect says that the app Apple ID is another one.';

describe('a note', () => {
  it('is wrapped at the width of a terminal, further lines indented', () => {
    expect(said({ isTty: true, columns: 30 }, NOTE)).toBe(
      'App Store Connect says that\n  the app Apple ID is another\n  one.\n',
    );
  });

  it('is one line in a pipe', () => expect(said({ isTty: false }, NOTE)).toBe(`${NOTE}\n`));

  it('is shown with --json on a terminal only', () => {
    expect(said({ isTty: false, json: true }, NOTE)).toBe('');
    expect(said({ isTty: true, json: true, columns: 80 }, NOTE)).toBe(`${NOTE}\n`);
  });
});

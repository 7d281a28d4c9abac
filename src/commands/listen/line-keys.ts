import type { Deps } from '../../cli/deps.js';
import type { Reporter } from '../../cli/reporter.js';
import { ToolError } from '../../errors.js';
import { describeInspected } from '../../session/inspector.js';
import { openBrowser } from '../../subprocess/open-browser.js';
import { showText } from '../../terminal/escape.js';
import { layRows, type View } from '../../terminal/layout.js';
import type { ListenFlags } from './flags.js';
import type { ListenPage } from './page.js';

type KeyDeps = Pick<Deps, 'stdin' | 'stderr' | 'now' | 'env' | 'platform'>;

/** True where somebody may type: on a terminal, without `--json`, `--no-input` and `CI`. */
export function hasLineKeys(
  { json }: Pick<ListenFlags, 'json'>,
  { stdin, stderr }: Pick<Deps, 'stdin' | 'stderr'>,
): boolean {
  return !json && stdin.isTty && stdin.onLine !== undefined && stderr.isTty;
}

interface LineKey {
  readonly about: string;
  press(): Promise<void> | void;
}

/** Acts on the keys, each typed with Enter, until `signal` aborts. One at a time, in the order they were typed. */
export function watchLineKeys(
  page: ListenPage,
  quit: () => void,
  reporter: Pick<Reporter, 'say'>,
  deps: KeyDeps,
  signal: AbortSignal,
): void {
  const { stdin, stderr } = deps;
  const keys: Readonly<Record<string, LineKey>> = {
    o: { about: 'open the page', press: () => openPage(page, reporter, deps) },
    r: { about: 'replay the last notification', press: () => replayLast(page, reporter) },
    d: { about: 'show its details', press: () => showLast(page, reporter, deps) },
    h: { about: 'show this help', press: () => stderr.write(describeKeys(keys, { ...stderr, nowMs: deps.now() })) },
    q: { about: 'quit', press: quit },
  };
  let pressed: Promise<void> = Promise.resolve();
  stdin.onLine?.((line) => {
    const name = line.trim().toLowerCase();
    if (name === '') return;
    const key = Object.hasOwn(keys, name) ? keys[name] : undefined;
    pressed = pressed.then(async () => {
      if (signal.aborted) return;
      if (key === undefined) reporter.say(`Unknown key: ${name.slice(0, MAX_SHOWN)}. For help: h + Enter`);
      else await report(() => key.press(), reporter);
    });
  }, signal);
}

const MAX_SHOWN = 20;

async function report(act: () => Promise<void> | void, reporter: Pick<Reporter, 'say'>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    reporter.say(`${error.message}${error.hint === undefined ? '' : `. ${error.hint}`}`);
  }
}

function describeKeys(keys: Readonly<Record<string, LineKey>>, view: View): string {
  const rows = Object.entries(keys).map(([name, { about }]) => ({ label: `${name} + Enter`, value: about }));
  return `${layRows(rows, view).join('\n')}\n`;
}

async function openPage(page: ListenPage, { say }: Pick<Reporter, 'say'>, deps: KeyDeps): Promise<void> {
  const { url, passUrl } = await page.start();
  const isOpened = await openBrowser(passUrl(), deps);
  say(isOpened ? `Opening the page: ${url}` : `No browser could be started. The page: ${url}`);
}

const NONE_YET = 'No notification was received yet.';

async function replayLast(page: ListenPage, { say }: Pick<Reporter, 'say'>): Promise<void> {
  const replies = await page.replayLast();
  if (replies === null) return say(NONE_YET);
  if (replies.length === 0) return say('No target to replay to: restart with --forward-to http://localhost:3000/path');
  for (const { target, outcome, httpStatus, ms, detail } of replies) {
    const status = httpStatus === null ? '' : ` ${httpStatus}`;
    say(
      `Replayed to ${target}: ${outcome}${status}, ${Math.round(ms)} ms${detail === null ? '' : ` (${showText(detail)})`}`,
    );
  }
}

async function showLast(page: ListenPage, { say }: Pick<Reporter, 'say'>, { stderr, now }: KeyDeps): Promise<void> {
  const last = await page.openLast();
  if (last === null) return say(NONE_YET);
  const { paint, columns } = stderr;
  stderr.write(`\n${describeInspected(last.document, { paint, columns, nowMs: now() })}\n`);
}

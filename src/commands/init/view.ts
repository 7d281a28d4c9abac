import type { ToolError } from '../../errors.js';
import type { SimilarBundleId } from '../../session/connect.js';
import { KEY_TITLES } from '../../settings/key.js';
import type { KeyKind } from '../../settings/key-source.js';
import type { ProfileAnswers, ProfileKey } from '../../settings/write-profile.js';
import { escapeText } from '../../terminal/escape.js';
import { shortenHome } from '../../terminal/format.js';
import { toJsonLine } from '../../terminal/json.js';
import { layRows, laySentence, type Row, type View } from '../../terminal/layout.js';

/**
 * Result of testing one key: `accepted`, `refused` (rejected by Apple), `unclear` (Apple was unreachable, or its response is not about the
 * key) or `skipped`. `detail` may contain untrusted text.
 */
export interface Trial {
  readonly api: KeyKind;
  readonly address: string;
  readonly outcome: 'accepted' | 'refused' | 'unclear' | 'skipped';
  readonly detail: string;
  /** Error of a refused or unclear result. */
  readonly error?: ToolError;
  /** App Apple ID from App Store Connect, if known. */
  readonly appAppleId?: string;
  /** App with nearly this bundle id, where the key has access to none with exactly this one. */
  readonly similar?: SimilarBundleId;
}

/** Result of `init`: the profile written and the key tests. Contains no secrets. */
export interface InitReport {
  readonly profile: string;
  readonly path: string;
  readonly replaced: boolean;
  /** True if this is the default profile. */
  readonly isDefault: boolean;
  readonly settings: ProfileAnswers;
  readonly trials: readonly Trial[];
  readonly warnings: readonly string[];
}

/** `{profile, path, replaced, isDefault, settings, trials: [{api, address, outcome, detail, error: {code, hint}}], warnings}`. */
export function initToJson({ trials, ...report }: InitReport): string {
  const shown = trials.map(({ error, similar: _similar, ...trial }) => ({
    ...trial,
    error: error === undefined ? undefined : { code: error.code, hint: error.hint },
  }));
  return toJsonLine({ ...report, trials: shown });
}

/** Text of the written profile, its values and its use. */
export function describeInit(report: InitReport, view: View, home: string | null): string {
  const { profile, path, replaced, isDefault, settings } = report;
  const done = `Profile ${escapeText(profile)} ${replaced ? 'replaced' : 'written'} in ${escapeText(shortenHome(path, home))}`;
  const named = isDefault ? '' : ` --profile ${escapeText(profile)}`;
  const next = `storewire test${named} --environment ${settings.environment} --wait`;
  const use = isDefault
    ? `It is the default profile. Next: ${next}`
    : `Use it with --profile ${escapeText(profile)} or STOREWIRE_PROFILE. Next: ${next}`;
  const lines = [view.paint.bold(done), ...layRows(settingRows(settings, home), view), '', ...laySentence(use, view)];
  return `${lines.join('\n')}\n`;
}

/** Names the addresses before a token is sent there, as they may not be Apple's. */
export function describeKeyTest(
  { environment, connect }: ProfileAnswers,
  addresses: Readonly<Record<ProfileAnswers['environment'] | 'connect', string>>,
): string {
  const used = [addresses[environment], ...(connect === undefined ? [] : [addresses.connect])];
  return `Testing the keys (read-only): ${escapeText(used.join(', '))}\n`;
}

/** Text of the key tests for stderr: one line per key, with a hint if it was not accepted. */
export function describeTrials(trials: readonly Trial[], { paint }: Pick<View, 'paint'>): string {
  const marks: Readonly<Record<Trial['outcome'], string>> = {
    accepted: paint.green('accepted'),
    refused: paint.red('rejected'),
    unclear: paint.yellow('not confirmed'),
    skipped: paint.yellow('not tested'),
  };
  return trials
    .map(({ api, outcome, detail, error }) => {
      const hint =
        outcome === 'accepted' || error?.hint === undefined
          ? ''
          : `  ${paint.dim('hint:')} ${escapeText(error.hint)}\n`;
      const link = outcome === 'accepted' ? ' ' : ': ';
      return `${KEY_TITLES[api]}: ${marks[outcome]}${link}${escapeText(detail)}\n${hint}`;
    })
    .join('');
}

export function describeInitWarnings(warnings: readonly string[], { paint }: Pick<View, 'paint'>): string {
  return warnings.map((message) => `${paint.yellow('warning:')} ${escapeText(message)}\n`).join('');
}

function settingRows(
  { environment, bundleId, appAppleId, server, connect }: ProfileAnswers,
  home: string | null,
): readonly Row[] {
  return [
    { label: 'environment', value: environment },
    { label: 'bundle id', value: escapeText(bundleId) },
    appAppleId === null
      ? { label: 'app Apple ID', value: 'omitted', tone: 'quiet' }
      : { label: 'app Apple ID', value: escapeText(appAppleId) },
    ...keyRows(KEY_TITLES.server, server, home),
    ...(connect === undefined ? [] : keyRows(KEY_TITLES.connect, connect, home)),
  ];
}

function keyRows(title: string, { issuerId, keyId, privateKeyPath }: ProfileKey, home: string | null): readonly Row[] {
  return [
    { label: title, value: escapeText(shortenHome(privateKeyPath, home)) },
    { label: 'key id', value: escapeText(keyId), depth: 1 },
    issuerId === null
      ? { label: 'issuer id', value: 'none (individual key)', tone: 'quiet', depth: 1 }
      : { label: 'issuer id', value: escapeText(issuerId), depth: 1 },
  ];
}

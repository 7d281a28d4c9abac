import { ToolError } from '../../errors.js';
import { checkKeyFile } from '../../settings/key-files.js';
import { keyOfFileName } from '../../settings/key-source.js';
import type { ProfileAnswers, ProfileKey } from '../../settings/write-profile.js';
import type { Prompts } from '../prompts.js';
import type { Trial } from '../render/init.js';

/**
 * Apple's refusal of a key, where it keeps the profile from being written: whoever is asked may have it written all the same. Null
 * where nothing stands in the way. Where nobody can be asked, throws the refusal, with the way around it.
 */
export async function standingRefusal(trials: readonly Trial[], prompts: Prompts | null): Promise<ToolError | null> {
  const refusal = trials.find((trial) => trial.outcome === 'refused')?.error;
  if (refusal === undefined) return null;
  if (prompts === null) throw withWayAround(refusal);
  return (await prompts.confirm({ message: 'Write the profile all the same?', default: false })) ? null : refusal;
}

function withWayAround({ kind, code, message, hint, cause }: ToolError): ToolError {
  const wayAround = 'Nothing was written; --no-try writes the profile without asking Apple.';
  return new ToolError(kind, code, message, { hint: hint === undefined ? wayAround : `${hint} ${wayAround}`, cause });
}

/** Fills in the app Apple ID that App Store Connect told, where it was left out. */
export function takeAppAppleId(answers: ProfileAnswers, trials: readonly Trial[]): ProfileAnswers {
  const told = toldId(trials);
  return answers.appAppleId === null && told !== undefined ? { ...answers, appAppleId: told } : answers;
}

/** What to tell about a profile that is good enough to be written. */
export function warningsOf(
  { appAppleId, bundleId, server, connect }: ProfileAnswers,
  trials: readonly Trial[],
  platform: NodeJS.Platform,
): readonly string[] {
  const keys = connect === undefined ? [server] : [server, connect];
  const told = toldId(trials);
  const asked = trials.find((trial) => trial.api === 'connect' && trial.outcome === 'accepted');
  return [
    ...keys.flatMap((key) => keyWarnings(key, platform)),
    ...(told !== undefined && told !== appAppleId
      ? [`App Store Connect says that the app Apple ID of ${bundleId} is ${told}, not ${appAppleId}`]
      : []),
    ...(asked !== undefined && told === undefined
      ? [`the App Store Connect key sees no app with the bundle id ${bundleId}: it may belong to another team`]
      : []),
  ];
}

function toldId(trials: readonly Trial[]): string | undefined {
  return trials.find((trial) => trial.appAppleId !== undefined)?.appAppleId;
}

function keyWarnings({ keyId, privateKeyPath }: ProfileKey, platform: NodeJS.Platform): readonly string[] {
  const named = keyOfFileName(privateKeyPath)?.keyId;
  const mismatch = `the key id is ${keyId}, but the file ${privateKeyPath} is named for ${named}`;
  const permissions = checkKeyFile(privateKeyPath, platform).map(({ message }) => message);
  return named === undefined || named === keyId ? permissions : [mismatch, ...permissions];
}

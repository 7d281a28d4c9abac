import { isJsonObject } from '../jws/json.js';
import { EVENTS } from '../notification/catalogue/events.js';
import { NOTIFICATION_VALUES } from '../notification/catalogue/values/notification.js';
import { readConfigFile } from '../settings/files.js';
import { userFilePath } from '../settings/paths.js';
import { type Candidate, type CompletionDeps, type CompletionSource, wordsAsCandidates } from './completion.js';

/** Types, each followed by its TYPE.SUBTYPE pairs. */
export const completeEvents: CompletionSource = () => {
  const candidates = NOTIFICATION_VALUES.notificationType.flatMap(({ value: type, meaning }): readonly Candidate[] => {
    const pairs = EVENTS.filter((event) => event.type === type && event.subtype !== null);
    return [
      { value: String(type), about: meaning },
      ...pairs.map(({ subtype, title }) => ({ value: `${type}.${subtype}`, about: title })),
    ];
  });
  return { candidates, files: false };
};

export const completeSubtypes: CompletionSource = () => {
  const candidates = NOTIFICATION_VALUES.subtype.map(({ value, meaning }) => ({
    value: String(value),
    about: meaning,
  }));
  return { candidates, files: false };
};

/** The profiles of the user file. */
export const completeProfiles: CompletionSource = (_typed, deps) => ({
  candidates: wordsAsCandidates(readProfileNames(deps)),
  files: false,
});

/** None where the file is missing or cannot be read: a shell shows no error on Tab. */
function readProfileNames({ env, platform }: CompletionDeps): readonly string[] {
  const path = userFilePath(env, platform);
  if (path === null) return [];
  try {
    const profiles = readConfigFile(path)?.content.profiles;
    return isJsonObject(profiles) ? Object.keys(profiles) : [];
  } catch {
    return [];
  }
}

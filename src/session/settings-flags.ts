import type { SettingFlags } from '../settings/layer.js';

type PossibleFlags = { readonly [Name in keyof SettingFlags]: SettingFlags[Name] | undefined };

/** The flags of a command line that name a setting, without those that were not given. */
export function definedFlags({ profile, environment, bundleId, appAppleId, root }: PossibleFlags): SettingFlags {
  return {
    ...(profile !== undefined && { profile }),
    ...(environment !== undefined && { environment }),
    ...(bundleId !== undefined && { bundleId }),
    ...(appAppleId !== undefined && { appAppleId }),
    ...(root !== undefined && { root }),
  };
}

import { ToolError } from '../errors.js';
import type { AppExpectations } from '../notification/check-app.js';
import type { AppSettings } from '../settings/resolve-app.js';
import { describeSource, nameSource, type Setting } from '../settings/setting.js';

type App = Pick<AppSettings, 'bundleId' | 'appAppleId'>;

/** The bundle id and app Apple ID that payloads must have, as far as they are set. The environment comes from a flag only. */
export function appExpectations({ bundleId, appAppleId }: App): AppExpectations {
  return {
    ...(bundleId === null ? {} : { bundleId: bundleId.value }),
    ...(appAppleId === null ? {} : { appAppleId: appAppleId.value }),
    ...sourcesOf(bundleId, appAppleId),
  };
}

/** Sources of expectations that no flag gave: a mismatch with them is fixed in the settings. */
function sourcesOf(...[bundleId, appAppleId]: [App['bundleId'], App['appAppleId']]): Pick<AppExpectations, 'from'> {
  const name = (setting: Setting<unknown>): string | null =>
    setting === null || setting.source.kind === 'flag' ? null : nameSource(setting.source);
  const [ofBundleId, ofAppAppleId] = [name(bundleId), name(appAppleId)];
  if (ofBundleId === null && ofAppAppleId === null) return {};
  return {
    from: {
      ...(ofBundleId !== null && { bundleId: ofBundleId }),
      ...(ofAppAppleId !== null && { appAppleId: ofAppAppleId }),
    },
  };
}

/**
 * The app Apple ID as payloads hold it, a JSON number; null where it is not set. Throws usage `ERR_SETTINGS_APP_APPLE_ID` beyond 2^53, where
 * a double would change it.
 */
export function readAppAppleId({ appAppleId }: Pick<AppSettings, 'appAppleId'>): number | null {
  if (appAppleId === null) return null;
  const { value, source } = appAppleId;
  if (Number.isSafeInteger(Number(value))) return Number(value);
  const message = `the app Apple ID ${value} (${describeSource(source)}) is too large: a payload cannot hold it exactly`;
  throw new ToolError('usage', 'ERR_SETTINGS_APP_APPLE_ID', message, {
    hint: 'Copy the Apple ID from App Information in App Store Connect.',
  });
}

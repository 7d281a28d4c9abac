/** `.storewire.json` of a project: settings that a clone may bring along. */
export interface ProjectSettingsFile {
  /** Address of this schema, for editors. */
  readonly $schema?: string;
  /** Profile of the user file. */
  readonly profile?: string;
  readonly environment?: SettingsEnvironment;
  readonly bundleId?: string;
  /** Digits; the number of the app in App Store Connect. */
  readonly appAppleId?: number | string;
  /** Port of `listen`. */
  readonly port?: number | string;
  /** Path of the endpoint of `listen`. */
  readonly path?: string;
  /** Targets of `listen`, each in the format of --forward-to. */
  readonly targets?: string | readonly string[];
  /** Event filter of `listen`, in the format of --events. */
  readonly events?: string | readonly string[];
}

/** In any letter case. */
type SettingsEnvironment = 'sandbox' | 'production' | 'Sandbox' | 'Production' | 'SANDBOX' | 'PRODUCTION';

/** `config.json` of a user: profiles with every setting, keys included. */
export interface UserSettingsFile {
  /** Address of this schema, for editors. */
  readonly $schema?: string;
  /** Profile to use where none is named. */
  readonly profile?: string;
  readonly profiles?: { readonly [name: string]: SettingsProfile };
}

export interface SettingsProfile extends Omit<ProjectSettingsFile, '$schema' | 'profile'> {
  /** Files of roots to trust in addition to Apple Root CA - G3. */
  readonly root?: string | readonly string[];
  /** In-App Purchase key, for the App Store Server API. */
  readonly server?: SettingsKey;
  /** App Store Connect key. */
  readonly connect?: SettingsKey;
  /** Addresses of the App Store Server API, for an emulator. */
  readonly serverApi?: { readonly sandbox?: string; readonly production?: string };
  /** Address of the App Store Connect API, for an emulator. */
  readonly connectApi?: string;
  /** Command line that gets each notification. */
  readonly exec?: string;
  /** Tunnel of `listen`, in the format of --tunnel. */
  readonly tunnel?: string;
}

interface SettingsKey {
  readonly issuerId?: string;
  readonly keyId?: string;
  /** The key as text, or the path of its .p8 file. */
  readonly privateKey?: string;
  /** Path of the .p8 file. */
  readonly privateKeyPath?: string;
}

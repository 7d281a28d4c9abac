/** `environment` of a payload that the App Store signed. TestFlight and App Review use Sandbox. */
export type AppEnvironment = 'Production' | 'Sandbox';

/** The app a payload belongs to. */
export interface App {
  readonly bundleId: string;
  /** App Apple ID. Apple documents it for Production only; Sandbox payloads of 2025 have it too, and so do these. */
  readonly appAppleId: number;
  readonly environment: AppEnvironment;
  readonly bundleVersion: string;
}

export const DEFAULT_APP: App = {
  bundleId: 'com.example.app',
  appAppleId: 1234567890,
  environment: 'Sandbox',
  bundleVersion: '42',
};

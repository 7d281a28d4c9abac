/** The two environments the App Store signs for, as they stand in a payload. TestFlight and App Review are Sandbox. */
export type AppEnvironment = 'Production' | 'Sandbox';

/** The app a payload belongs to. */
export interface App {
  readonly bundleId: string;
  /** The app's Apple ID. Apple's documents leave it out in Sandbox; payloads of 2025 have it there too, as here. */
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

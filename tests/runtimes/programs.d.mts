export type Program = 'chromium' | 'firefox' | 'WebKitWebDriver' | 'Xvfb';
export const programs: Readonly<
  Record<Program, { readonly package: string; readonly paths: readonly string[] }>
>;
export function find(name: Program): string | undefined;
export function need(name: Program): string;

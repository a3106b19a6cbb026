/** The npm package of workerd, which comes without types. */
declare module 'workerd' {
  /** The path of the program. */
  const program: string;
  export default program;
  export const version: string;
  /** The newest that it knows, as 2026-01-31. */
  export const compatibilityDate: string;
}

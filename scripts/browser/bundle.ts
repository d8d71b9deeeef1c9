/** How esbuild makes a page as users get it: one minified file, in memory. */
export const pageBundle = {
  bundle: true,
  minify: true,
  write: false,
  platform: 'browser',
  format: 'esm',
  target: 'es2023',
  logLevel: 'error',
} as const;

/// <reference types="vitest/config" />
import { defineConfig } from 'vite';

export default defineConfig({
  // Relative, so that the portal may live below a path of its own behind a proxy.
  base: './',
  build: {
    outDir: '../../wwwroot/islands',
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: 'es2022',
    rolldownOptions: { input: 'src/main.ts' },
  },
  worker: { format: 'es' },
  css: { preprocessorOptions: { scss: { quietDeps: true, silenceDeprecations: ['import'] } } },
  test: { include: ['tests/**/*.test.ts'] },
});

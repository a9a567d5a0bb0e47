import { defineConfig } from 'vite'
import { atlas } from './atlas.ts'

/** The page: static files for the hive to serve. Nothing is inlined, because the content security policy allows no `data:`. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: 'public',
  plugins: [atlas()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 200,
  },
})

// Same input, same bytes: no dates, no random names; hashes only.
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

// While somebody works on the console: `npx vite` beside a `stepwell dev`, which must not see where the page is from.
const server = {
  target: process.env.STEPWELL_ENDPOINT ?? 'http://127.0.0.1:8083',
  changeOrigin: true,
  headers: { origin: process.env.STEPWELL_ENDPOINT ?? 'http://127.0.0.1:8083' },
}

export default defineConfig({
  base: '/console/',
  plugins: [svelte({ compilerOptions: { runes: true } })],
  build: {
    target: 'es2023',
    // Nothing inside of the page: its policy allows files only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  // Scheduler, API Gateway and each API of AppSync have addresses of their own.
  server: {
    proxy: {
      '^/(v1/.*)?([?].*)?$': server,
      '^/(schedules|schedule-groups|restapis|rest|v2)([/?].*)?$': server,
      '^/[^/]+/(graphql|event)(/realtime)?([?].*)?$': { ...server, ws: true },
    },
  },
})

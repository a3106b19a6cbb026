import { defineConfig } from 'vite';

// Optional: in pages served with these, netkin computes on several cores.
const headers = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

export default defineConfig({
  optimizeDeps: { exclude: ['netkin'] },
  publicDir: '../data',
  server: { headers },
  preview: { headers },
});

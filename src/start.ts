#!/usr/bin/env node
import * as nodeModule from 'node:module';

// What Node compiled the last time is read instead of compiled again, where it can do so (from 22.1).
if ('enableCompileCache' in nodeModule) {
  const { useCompileCache } = await import('./adapters/compile-cache.ts');
  await useCompileCache(process.env);
}
await import('./cli.ts');

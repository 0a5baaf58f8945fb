// The very same types for `import`: there is one door.
export * from './index.js';

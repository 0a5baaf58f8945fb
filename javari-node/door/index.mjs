// The very same classes for `import`: there is one door.
export * from './index.cjs';

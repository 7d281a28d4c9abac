export type { PayloadDocument } from './notification/document.js';

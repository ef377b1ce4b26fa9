/** The model that the site ships, in public/models/<id>. */
export const modelId = 'harbour';

/** What `attentionSums` can work from when only the newest rows are asked for, as a rule states it in `needs`. */
export const attentionNeeds = [['attentions'], ['queries', 'keys']] as const;

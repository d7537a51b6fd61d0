/** Forms of Kafka's messages. */
export const KAFKA_FORMATS = ['json', 'avro'] as const
export type KafkaFormat = (typeof KAFKA_FORMATS)[number]

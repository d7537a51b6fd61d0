import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Prints the values of a topic, one a line, without those of transactions that were not committed. Arguments: broker, topic. */
public class Committed {
  public static void main(String[] args) {
    Map<String, Object> config = Map.of("bootstrap.servers", args[0], "isolation.level", "read_committed");
    PrintStream out = new PrintStream(System.out, false);
    try (var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = consumer.partitionsFor(args[1]).stream()
          .map(about -> new TopicPartition(args[1], about.partition())).collect(Collectors.toList());
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each)))
        for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofSeconds(1))) {
          out.write(each.value(), 0, each.value().length);
          out.write('\n');
        }
    }
    out.flush();
  }
}

import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Prints what the Java client knows of error codes and API keys, one a line. */
public class Facts {
    public static void main(String[] arguments) {
        for (Errors error : Errors.values()) {
            String outcome = error.exception() instanceof RetriableException ? "Retriable" : "Final";
            System.out.println("error " + error.code() + " " + error.name() + " " + outcome);
        }
        for (ApiKeys api : ApiKeys.values()) {
            System.out.println("api " + api.messageType.name + " " + api.id);
        }
    }
}

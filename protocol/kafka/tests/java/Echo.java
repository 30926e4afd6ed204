import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.BufferedOutputStream;
import java.io.BufferedInputStream;
import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.message.ApiMessageType;

/**
 * Reads messages with the classes of the Java client and writes them back.
 * Input: api (int16), 1 for a request (int8), version (int16), length (int32), bytes; output: length, bytes.
 */
public class Echo {
    public static void main(String[] arguments) throws Exception {
        DataInputStream input = new DataInputStream(new BufferedInputStream(System.in));
        DataOutputStream output = new DataOutputStream(new BufferedOutputStream(System.out));
        int api;
        while ((api = input.readShort()) >= 0) {
            ApiMessageType type = ApiMessageType.fromApiKey((short) api);
            ApiMessage message = input.readByte() == 1 ? type.newRequest() : type.newResponse();
            short version = input.readShort();
            byte[] bytes = new byte[input.readInt()];
            input.readFully(bytes);
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            message.read(new ByteBufferAccessor(buffer), version);
            if (buffer.hasRemaining()) {
                throw new IllegalStateException(buffer.remaining() + " bytes left of " + message);
            }
            ObjectSerializationCache cache = new ObjectSerializationCache();
            ByteBuffer again = ByteBuffer.allocate(message.size(cache, version));
            message.write(new ByteBufferAccessor(again), cache, version);
            output.writeInt(again.capacity());
            output.write(again.array());
            output.flush();
        }
    }
}

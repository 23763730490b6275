import ch.qos.logback.classic.LoggerContext;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.mapdb.DBMaker;
import org.mapdb.Serializer;
import org.slf4j.LoggerFactory;

/**
 * What one library costs a JVM that does nothing else: uses it once, prints how long that took since the start of main, and sleeps until
 * its memory was looked at. {@code java Cost NAME DIRECTORY}; the name {@code nothing} is the reference.
 */
public final class Cost {
  private Cost() {}

  public static void main(String[] args) throws Exception {
    long begun = System.nanoTime();
    Path directory = Path.of(args[1]);
    Object kept =
        switch (args[0]) {
          case "nothing" -> "";
          case "netty" -> netty(directory);
          case "jackson" -> jackson();
          case "logback" -> logback();
          case "okhttp" -> okhttp();
          case "mapdb" -> mapdb(directory);
          default -> throw new IllegalArgumentException(args[0]);
        };
    System.out.println((System.nanoTime() - begun) / 1000);
    System.in.read();
    System.out.println(kept.hashCode());
  }

  private static Object netty(Path directory) {
    var loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    return new ServerBootstrap()
        .group(loop)
        .channel(NioServerDomainSocketChannel.class)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new HttpServerCodec());
              }
            })
        .bind(UnixDomainSocketAddress.of(directory.resolve("s" + System.nanoTime() % 100_000)))
        .syncUninterruptibly();
  }

  private static Object jackson() throws Exception {
    var mapper = new ObjectMapper();
    return mapper.writeValueAsBytes(mapper.readTree("{\"a\":[1,2,{\"b\":\"text\"}]}"));
  }

  private static Object logback() {
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.getLogger("cost").debug("a line");
    return context;
  }

  private static Object okhttp() throws Exception {
    var server = com.sun.net.httpserver.HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext("/", exchange -> exchange.sendResponseHeaders(204, -1));
    server.start();
    var client = new OkHttpClient();
    var request = new Request.Builder().url("http://127.0.0.1:" + server.getAddress().getPort() + "/").build();
    try (var answer = client.newCall(request).execute()) {
      return answer.code() + Files.size(Path.of("/proc/self/status"));
    }
  }

  private static Object mapdb(Path directory) {
    var db = DBMaker.fileDB(directory.resolve("i" + System.nanoTime()).toFile()).make();
    var map = db.hashMap("m", Serializer.STRING, Serializer.STRING).createOrOpen();
    map.put("key", "value");
    db.commit();
    return map.get("key");
  }
}

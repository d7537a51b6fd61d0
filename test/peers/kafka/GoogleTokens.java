import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.security.auth.callback.Callback;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerExtensionsValidatorCallback;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallback;

/**
 * Takes tokens of the form that Google's brokers want, if their access token is ya29.right. Any other token is refused, as
 * is one whose claims do not belong to it. Google's local server names an issuer, and its Java library does not.
 */
public class GoogleTokens implements AuthenticateCallbackHandler {
  public void configure(Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> entries) {}

  public void close() {}

  public void handle(Callback[] callbacks) {
    for (Callback callback : callbacks) {
      if (callback instanceof OAuthBearerValidatorCallback) validate((OAuthBearerValidatorCallback) callback);
      if (callback instanceof OAuthBearerExtensionsValidatorCallback) {
        OAuthBearerExtensionsValidatorCallback extensions = (OAuthBearerExtensionsValidatorCallback) callback;
        extensions.inputExtensions().map().keySet().forEach(extensions::valid);
      }
    }
  }

  private void validate(OAuthBearerValidatorCallback asked) {
    String[] parts = asked.tokenValue().split("\\.");
    if (parts.length != 3) {
      asked.error("invalid_token", null, null);
      return;
    }
    String header = decoded(parts[0]);
    String claims = decoded(parts[1]);
    String subject = found(claims, "\"sub\":\"([^\"]+@[^\"]+)\"");
    String expires = found(claims, "\"exp\":(\\d+)");
    String issued = found(claims, "\"iat\":(\\d+)");
    boolean isGoogle = header.contains("\"alg\":\"GOOG_OAUTH2_TOKEN\"") && header.contains("\"typ\":\"JWT\"")
        && (!claims.contains("\"iss\"") || claims.contains("\"iss\":\"Google\"")) && claims.contains("\"scope\":\"kafka\"");
    long now = System.currentTimeMillis() / 1000;
    if (!isGoogle || subject == null || expires == null || issued == null || Long.parseLong(expires) <= now
        || Long.parseLong(issued) > now + 1 || !decoded(parts[2]).equals("ya29.right")) {
      asked.error("invalid_token", null, null);
      return;
    }
    long until = Long.parseLong(expires) * 1000;
    asked.token(new OAuthBearerToken() {
      public String value() { return asked.tokenValue(); }
      public Set<String> scope() { return Set.of("kafka"); }
      public long lifetimeMs() { return until; }
      public String principalName() { return subject; }
      public Long startTimeMs() { return null; }
    });
  }

  private static String decoded(String part) {
    return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
  }

  private static String found(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    return matcher.find() ? matcher.group(1) : null;
  }
}

using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Harima.S3.Signing;

/// <summary>Derives signing keys and remembers them: one is good for a day, deriving it costs four HMACs.</summary>
public sealed class SigningKeys
{
    // When full it is emptied: a day's worth of active keys is far below this.
    const int Capacity = 10_000;

    readonly ConcurrentDictionary<(string SecretKey, CredentialScope Scope), byte[]> _keys = new();

    /// <summary>The key for a secret and a scope, 32 bytes. Do not change it.</summary>
    public byte[] Get(string secretKey, CredentialScope scope)
    {
        if (_keys.TryGetValue((secretKey, scope), out var key))
            return key;
        if (_keys.Count >= Capacity)
            _keys.Clear();
        return _keys.GetOrAdd((secretKey, scope), Derive(secretKey, scope));
    }

    /// <summary>Derives a key without remembering it.</summary>
    public static byte[] Derive(string secretKey, CredentialScope scope)
    {
        var key = Encoding.UTF8.GetBytes("AWS4" + secretKey);
        key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(scope.Date));
        key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(scope.Region));
        key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(scope.Service));
        return HMACSHA256.HashData(key, "aws4_request"u8);
    }
}

using System.Security.Cryptography;
using System.Text;
using Harima.Catalogue;
using Microsoft.Extensions.Options;

namespace Harima.Identity;

/// <summary>Identity settings. Section <c>Harima:Identity</c>.</summary>
public sealed class IdentityOptions
{
    public const string Section = "Harima:Identity";

    /// <summary>File with the 32 bytes all access-key secrets are derived from and the keys of login cookies are encrypted under; by
    /// default <c>keys/master.key</c> in the data folder, made at the first start. Every replica needs the same file.</summary>
    public string? MasterKeyFile { get; set; }

    /// <summary>An account is locked for a while after this many wrong passwords in a row.</summary>
    public int MaxFailedLogins { get; set; } = 10;

    /// <summary>How long a locked account stays locked.</summary>
    public TimeSpan Lockout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long session credentials live when nothing else is asked; at most 12 hours.</summary>
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromHours(1);
}

/// <summary>Derives secrets, so that none is stored: a copy of the catalogue alone opens nothing.</summary>
public sealed class MasterKey(IOptions<IdentityOptions> options, IOptions<DataOptions> data)
{
    readonly Lazy<byte[]> _key = new(() =>
        Load(options.Value.MasterKeyFile ?? Path.Combine(data.Value.Directory, "keys", "master.key"))
    );

    /// <summary>40 characters as AWS secrets have; the same for the same <paramref name="parts"/>.</summary>
    public string Derive(params ReadOnlySpan<string> parts)
    {
        var mac = HMACSHA256.HashData(_key.Value, Encoding.UTF8.GetBytes(string.Join('\n', parts!)));
        return Convert.ToBase64String(mac)[..40].Replace('+', 'x').Replace('/', 'y');
    }

    /// <summary>32 bytes for one <paramref name="purpose"/>, which no <see cref="Derive"/> tells anything of.</summary>
    public byte[] DeriveKey(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _key.Value, 32, info: Encoding.UTF8.GetBytes(purpose));

    static byte[] Load(string file)
    {
        if (!File.Exists(file))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            // Several replicas may start for the first time at once: the first one's key counts.
            var fresh = $"{file}.{RandomNumberGenerator.GetHexString(8)}.new";
            using (
                var stream = new FileStream(
                    fresh,
                    new FileStreamOptions
                    {
                        Mode = FileMode.Create,
                        Access = FileAccess.Write,
                        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                    }
                )
            )
            {
                stream.Write(RandomNumberGenerator.GetBytes(32));
                stream.Flush(flushToDisk: true);
            }
            try
            {
                File.Move(fresh, file, overwrite: false);
            }
            catch (IOException) when (File.Exists(file))
            {
                File.Delete(fresh);
            }
        }
        var key = File.ReadAllBytes(file);
        return key.Length >= 32
            ? key
            : throw new InvalidOperationException(
                $"Harima:Identity:MasterKeyFile '{file}' must hold at least 32 bytes."
            );
    }
}

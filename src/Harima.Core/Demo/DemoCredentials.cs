using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Harima.Demo;

/// <summary>How the facility is reached.</summary>
public sealed record DemoAddress(string Portal, string S3, string Region);

/// <summary>What a person of the demo logs in with.</summary>
/// <param name="Role">admin, staff, leader, member or stranger.</param>
/// <param name="Proposals">Ids of the proposals that concern them by role.</param>
public sealed record DemoLogin(
    string Name,
    string Role,
    string Password,
    string AccessKey,
    string SecretKey,
    IReadOnlyList<string> Proposals
);

/// <summary>The file <c>demo-credentials.json</c>, for scripts and for whoever forgot. The only place where the passwords stand.</summary>
public sealed record DemoCredentials(
    string Portal,
    string S3,
    string Region,
    IReadOnlyList<string> Proposals,
    IReadOnlyList<DemoLogin> Users
)
{
    public const string FileName = "demo-credentials.json";

    static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    };

    /// <returns>Null where the file is absent or was damaged by hand.</returns>
    internal static async Task<DemoCredentials?> FindAsync(string directory, CancellationToken cancellationToken)
    {
        var path = Path.Combine(directory, FileName);
        if (!File.Exists(path))
            return null;
        await using var stream = File.OpenRead(path);
        try
        {
            return await JsonSerializer.DeserializeAsync<DemoCredentials>(stream, Json, cancellationToken);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes beside and renames, so that a script never reads half a file; readable by the owner only.</summary>
    internal async Task SaveAsync(string directory, CancellationToken cancellationToken)
    {
        var path = Path.Combine(directory, FileName);
        var beside = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var stream = new FileStream(beside, options))
        {
            await JsonSerializer.SerializeAsync(stream, this, Json, cancellationToken);
            stream.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
    }

    /// <summary>Four pairs of syllables and a number: to be typed by hand, and 50 bits are not guessed.</summary>
    internal static string NewPassword()
    {
        var syllables = RandomNumberGenerator.GetItems<string>(Syllables, 8);
        var words = syllables.Chunk(2).Select(pair => string.Concat(pair));
        return $"{string.Join('-', words)}-{RandomNumberGenerator.GetInt32(10, 100)}";
    }

    static readonly string[] Syllables =
    [
        .. "kstnhmrgzbdp".SelectMany(consonant => "aiueo".Select(vowel => $"{consonant}{vowel}")),
    ];
}

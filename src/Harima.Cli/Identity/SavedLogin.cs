using System.Text.Json;
using System.Text.Json.Serialization;

namespace Harima.Cli.Identity;

/// <summary>The last login on this computer, in a file that only its owner can read.</summary>
sealed record SavedLogin(string Url, string User, string Token)
{
    /// <summary><c>HARIMA_CONFIG</c>, or <c>harima/credentials.json</c> in the person's configuration folder.</summary>
    public static string FileName =>
        Environment.GetEnvironmentVariable("HARIMA_CONFIG") is { Length: > 0 } given
            ? given
            : Path.Combine(
                Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } config
                    ? config
                    : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config"),
                "harima",
                "credentials.json"
            );

    public static SavedLogin? Find()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(FileName), SavedLoginJson.Default.SavedLogin);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException)
        {
            throw new NotLoggedInException($"'{FileName}' is damaged. Log in again.");
        }
    }

    public void Save()
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(FileName))!;
        if (!Directory.Exists(folder))
            Directory.CreateDirectory(
                folder,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
        var fresh = FileName + ".new";
        File.Delete(fresh);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var stream = new FileStream(fresh, options))
            JsonSerializer.Serialize(stream, this, SavedLoginJson.Default.SavedLogin);
        File.Move(fresh, FileName, overwrite: true);
    }

    public static void Forget() => File.Delete(FileName);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(SavedLogin))]
sealed partial class SavedLoginJson : JsonSerializerContext;

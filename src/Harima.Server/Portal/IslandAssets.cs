using System.Text.Json;

namespace Harima.Portal;

/// <summary>The names, with hashes, that Vite gave to what it built into <c>wwwroot/islands</c>.</summary>
sealed class IslandAssets
{
    public string Script { get; }
    public string Stylesheet { get; }
    public string Icons { get; }

    public IslandAssets(IWebHostEnvironment environment, ILogger<IslandAssets> logger)
    {
        var manifest = environment.WebRootFileProvider.GetFileInfo("islands/manifest.json");
        if (!manifest.Exists)
        {
            // Pages work without, only plainer; a server that refused to start would help nobody.
            logger.LogWarning(
                "The islands are not built: run 'npm ci && npm run build' in src/Harima.Server/Portal/Islands."
            );
            (Script, Stylesheet, Icons) = ("", "", "");
            return;
        }
        using var stream = manifest.CreateReadStream();
        using var document = JsonDocument.Parse(stream);
        var main = document.RootElement.GetProperty("src/main.ts");
        Script = Address(main.GetProperty("file"));
        Stylesheet = Address(main.GetProperty("css")[0]);
        Icons = Address(document.RootElement.GetProperty("icons.svg").GetProperty("file"));
    }

    static string Address(JsonElement file) => "/islands/" + file.GetString();
}

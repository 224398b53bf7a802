using System.Text.Json;
using Harima.S3.Signing;

namespace Harima.Clients;

/// <summary>
/// A library of somebody else's, driven by a script of ours in <c>Scripts/</c> that knows these verbs and prints
/// <c>{"result": …}</c>, or <c>{"error": code}</c> where the library reported a refusal:
/// <c>version</c>; <c>put FOLDER BUCKET PREFIX</c>; <c>get BUCKET PREFIX FOLDER</c>; <c>list BUCKET PREFIX</c>;
/// <c>read BUCKET KEY FIRST LAST</c> (SHA-256 of that range); <c>checksums FILE BUCKET PREFIX</c>; <c>presign-get</c> and <c>presign-put
/// BUCKET KEY</c>; <c>form BUCKET PREFIX</c> (of an upload); <c>copy BUCKET SOURCE TARGET</c>; <c>delete BUCKET PREFIX</c>.
/// </summary>
public sealed class ScriptedClient(string name, string? program, string script, string module)
{
    static readonly Dictionary<string, bool> Found = [];

    public static readonly ScriptedClient DebiansBoto = new("boto3", "/usr/bin/python3", "boto.py", "boto3");

    /// <summary>The boto3 of the Python that <c>HARIMA_TEST_PYTHON</c> names: Debian's is years old, and pip not everywhere.</summary>
    public static readonly ScriptedClient CurrentBoto = new(
        "a current boto3 (HARIMA_TEST_PYTHON)",
        Environment.GetEnvironmentVariable("HARIMA_TEST_PYTHON"),
        "boto.py",
        "boto3"
    );

    public static readonly ScriptedClient AwsSdkForJavaScript = new(
        "@aws-sdk/client-s3",
        "/usr/bin/node",
        "aws-sdk.mjs",
        "@aws-sdk/client-s3"
    );

    public static readonly ScriptedClient Minio = new("minio", "/usr/bin/node", "minio.mjs", "minio");

    public static readonly ScriptedClient Parquet = new("hyparquet", "/usr/bin/node", "parquet.mjs", "hyparquet");

    /// <summary>Has verbs of its own: see the scripts.</summary>
    public static readonly ScriptedClient SciCatSdk = new(
        "@scicatproject/scicat-sdk-ts-fetch",
        "/usr/bin/node",
        "scicat-sdk.mjs",
        "@scicatproject/scicat-sdk-ts-fetch"
    );

    public static readonly ScriptedClient SciCatPython = new(
        "Python's library",
        "/usr/bin/python3",
        "scicat-python.py",
        "urllib"
    );

    public static readonly ScriptedClient Hdf5 = new("h5py", "/usr/bin/python3", "hdf5.py", "h5py");

    /// <summary>Whether CI must have it: what no package of ./check brings may be missing.</summary>
    bool IsOptional => this == CurrentBoto;

    static string Scripts
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Harima.slnx")))
                folder = Path.GetDirectoryName(folder)!;
            return Path.Combine(folder, "tests", "Harima.Server.Tests", "Clients", "Scripts");
        }
    }

    /// <summary>Skips the test where the library is not installed; fails it in CI.</summary>
    async Task<ClientTool> RequireAsync(CancellationToken cancellationToken)
    {
        if (program is null)
            Assert.Skip($"{name} is not at hand");
        var tool = new ClientTool(name, program) { IsOptional = IsOptional };
        tool.Require();
        bool found;
        lock (Found)
            if (Found.TryGetValue(name, out found))
                return found ? tool : throw Missing();
        found = script.EndsWith(".mjs", StringComparison.Ordinal)
            ? Directory.Exists(Path.Combine(Scripts, "node_modules", module))
            : File.Exists(program) && await tool.SucceedsAsync(["-c", "import " + module], cancellationToken);
        lock (Found)
            Found[name] = found;
        return found ? tool : throw Missing();
    }

    Exception Missing()
    {
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable("CI") == "true" && !IsOptional,
            $"{name} is not installed; ./check installs it"
        );
        return new InvalidOperationException($"{name} is not installed, and CI tests with it.");
    }

    /// <summary>Runs a script and reads the JSON it printed.</summary>
    public async Task<JsonElement> RunAsync(
        Uri endpoint,
        Credentials? key,
        CancellationToken cancellationToken,
        params IEnumerable<string> arguments
    )
    {
        var tool = await RequireAsync(cancellationToken);
        var environment = new Dictionary<string, string>
        {
            ["S3_ENDPOINT"] = endpoint.ToString().TrimEnd('/'),
            ["SCICAT_ENDPOINT"] = endpoint.ToString().TrimEnd('/'),
            ["AWS_CONFIG_FILE"] = "/nonexistent",
            ["AWS_SHARED_CREDENTIALS_FILE"] = "/nonexistent",
            ["AWS_EC2_METADATA_DISABLED"] = "true",
            ["LC_ALL"] = "C.UTF-8",
        };
        if (key is not null)
        {
            environment["AWS_ACCESS_KEY_ID"] = key.AccessKeyId;
            environment["AWS_SECRET_ACCESS_KEY"] = key.SecretKey;
        }
        var printed = await tool.RunAsync(
            environment,
            [Path.Combine(Scripts, script), .. arguments],
            cancellationToken
        );
        return printed.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(printed);
    }
}

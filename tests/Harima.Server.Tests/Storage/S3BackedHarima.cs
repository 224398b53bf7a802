using Harima.S3.Client;
using Harima.S3.Signing;
using Harima.S3.Xml;
using Npgsql;

[assembly: AssemblyFixture(typeof(Harima.Storage.HarimaOnHarima))]
[assembly: AssemblyFixture(typeof(Harima.Storage.HarimaOnRadosgw))]

namespace Harima.Storage;

/// <summary>An S3 store that keeps the bytes of the Harima under test.</summary>
public sealed record BackingStore(Uri Endpoint, string Bucket, Credentials Keys)
{
    public S3Client Client(HttpClient http) =>
        new(http, Endpoint, "us-east-1", Keys, TimeProvider.System) { Integrity = UploadIntegrity.SignedChunks };

    /// <summary>As on the command line.</summary>
    public IEnumerable<string> Settings =>
        [
            "--Harima:Storage:S3:Endpoint",
            Endpoint.ToString(),
            "--Harima:Storage:S3:Bucket",
            Bucket,
            "--Harima:Storage:S3:AccessKey",
            Keys.AccessKeyId,
            "--Harima:Storage:S3:SecretKey",
            Keys.SecretKey,
            "--Harima:Storage:S3:Prefix",
            "facility/",
        ];
}

/// <summary>A Harima whose bytes lie in another S3 store. Objects of more than 5 MiB are sent there in parts, and what is let go of goes at once.</summary>
public abstract class S3BackedHarima : RunningHarima
{
    public BackingStore Store { get; private set; } = null!;

    protected abstract Task<BackingStore> StartStoreAsync();

    protected override IEnumerable<string> Settings =>
        [
            .. Store.Settings,
            "--Harima:Storage:S3:PartBytes",
            "5242880",
            "--Harima:Storage:S3:CopyBytes",
            "26214400",
            "--Harima:Storage:S3:KeepReleased",
            "00:00:00",
            "--Harima:Storage:S3:Redirect",
            "true",
            "--Harima:Storage:Scrub:BytesPerSecond",
            "1000000000",
        ];

    protected override Task<string> CreateDatabaseAsync() => Task.FromResult("sqlite");

    public override async ValueTask InitializeAsync()
    {
        if (Missing is not null)
            return;
        Store = await StartStoreAsync();
        await base.InitializeAsync();
    }

    /// <summary>How many multipart uploads of a sequence are unfinished in the store.</summary>
    public async Task<int> UnfinishedAsync(string sequence, CancellationToken cancellationToken)
    {
        var found = 0;
        await foreach (
            var _ in Store
                .Client(Http)
                .ListMultipartUploadsAsync(Store.Bucket, $"facility/{Proposal}/{sequence}/", cancellationToken)
        )
            found++;
        return found;
    }

    public override async Task RotAsync(string key, int at)
    {
        var token = CancellationToken.None;
        var store = Store.Client(Http);
        var name = await NameOfAsync(key, token);
        using var body = await store.GetObjectAsync(Store.Bucket, name, null, null, token);
        using var copy = new MemoryStream();
        await body.Content.CopyToAsync(copy, token);
        var bytes = copy.ToArray();
        bytes[at] ^= 4;
        await store.PutBytesAsync(Store.Bucket, name, bytes, null, token);
    }

    /// <summary>Takes the object of a file out of the store, as somebody might by mistake.</summary>
    public async Task LoseAsync(string key)
    {
        var name = await NameOfAsync(key, CancellationToken.None);
        await Store.Client(Http).DeleteObjectAsync(Store.Bucket, name, CancellationToken.None);
    }

    /// <summary>The object of a file, found by the name it bears for people.</summary>
    async Task<string> NameOfAsync(string key, CancellationToken cancellationToken)
    {
        foreach (var entry in await ObjectsOfAsync(key.Split('/')[0], cancellationToken))
        {
            var head = await Store.Client(Http).FindObjectAsync(Store.Bucket, entry.Key, cancellationToken);
            if (head?.Metadata.GetValueOrDefault("harima-key") == UriEncoding.Encode(key, keepSlash: true))
                return entry.Key;
        }
        throw new InvalidOperationException($"No object in the store is {key}.");
    }

    /// <summary>The objects of a sequence in the store, with their names there.</summary>
    public async Task<List<ObjectEntry>> ObjectsOfAsync(string sequence, CancellationToken cancellationToken)
    {
        var found = new List<ObjectEntry>();
        await foreach (
            var entry in Store
                .Client(Http)
                .ListObjectsAsync(Store.Bucket, $"facility/{Proposal}/{sequence}/", cancellationToken)
        )
            found.Add(entry);
        return found;
    }
}

/// <summary>Over a workspace of a second Harima, which every desk has.</summary>
public sealed class HarimaOnHarima : S3BackedHarima
{
    readonly SqliteHarima _store = new();

    protected override async Task<BackingStore> StartStoreAsync()
    {
        await _store.InitializeAsync();
        return new BackingStore(_store.S3, Workspace, _store.KeyOf("leader"));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _store.DisposeAsync();
    }
}

/// <summary>Over a bucket of the Ceph gateway that HARIMA_TEST_RADOSGW names, as <c>tests/radosgw</c> prints it.</summary>
public sealed class HarimaOnRadosgw : S3BackedHarima
{
    static readonly string? Gateway = Environment.GetEnvironmentVariable("HARIMA_TEST_RADOSGW");

    public override string? Missing => WhyMissing;

    public static string? WhyMissing =>
        Gateway is not null ? null
        : Environment.GetEnvironmentVariable("CI") == "true"
            ? throw new InvalidOperationException("HARIMA_TEST_RADOSGW is not set, and CI tests over Ceph.")
        : "HARIMA_TEST_RADOSGW names no Ceph gateway";

    protected override Task<BackingStore> StartStoreAsync() => CreateBucketAsync(Http);

    /// <summary>On PostgreSQL where there is one, as larger facilities have it; over Harima it is SQLite.</summary>
    protected override async Task<string> CreateDatabaseAsync()
    {
        if (Environment.GetEnvironmentVariable("HARIMA_TEST_POSTGRES") is not { } server)
            return await base.CreateDatabaseAsync();
        var name = "harima_" + Guid.NewGuid().ToString("N");
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            $"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'",
            connection
        );
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(server)
        {
            Database = name,
            MaxPoolSize = 20,
            Timeout = 300,
            CommandTimeout = 600,
        }.ToString();
    }

    /// <summary>A bucket of its own on the gateway.</summary>
    public static async Task<BackingStore> CreateBucketAsync(HttpClient http)
    {
        var words = Gateway!.Split(' ');
        var store = new BackingStore(
            new Uri(words[0]),
            "harima-" + Guid.NewGuid().ToString("N"),
            new Credentials(words[1], words[2])
        );
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(store.Endpoint, "/" + store.Bucket));
        new RequestSigner(store.Keys, "us-east-1", TimeProvider.System).Sign(request, PayloadHash.Empty);
        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return store;
    }
}

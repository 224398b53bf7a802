using System.Security.Cryptography;
using System.Text;
using Dapper;
using Harima.Catalogue;
using Harima.Faults;
using Harima.S3.Client;
using Harima.S3.Errors;
using Harima.S3.Signing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Harima.Storage;

/// <summary>
/// Keeps bytes in another S3 store. A blob is an object nobody ever overwrites; the catalogue's commit makes it a file's, and the
/// file's next change lets it go. See docs/decisions/0090-s3-store.md for what a crash leaves at each point.
/// </summary>
public sealed partial class S3Store : ByteStore, IKeepsParts, IDisposable
{
    const string Mark = ".harima";

    readonly S3StoreOptions _options;
    readonly StorageOptions _storage;
    readonly Database _database;
    readonly CatalogueWriter _writer;
    readonly DamagedFiles _damaged;
    readonly ILogger<S3Store> _logger;
    readonly Credentials _credentials;
    readonly HttpClient _http;
    readonly S3Client _public;
    readonly string _spool;
    S3Client _client;

    public S3Store(
        IOptions<S3StoreOptions> options,
        IOptions<StorageOptions> storage,
        IOptions<DataOptions> data,
        Database database,
        CatalogueWriter writer,
        DamagedFiles damaged,
        TimeProvider time,
        ILogger<S3Store> logger
    )
        : base(storage, time)
    {
        (_options, _storage, _database, _writer) = (options.Value, storage.Value, database, writer);
        (_damaged, _logger) = (damaged, logger);
        _credentials = ReadKeys(_options);
        // No timeout of its own: how long a body takes is the client's business. Short requests have theirs.
        _http = new HttpClient(Connections) { Timeout = Timeout.InfiniteTimeSpan };
        _client = ClientFor(new Uri(_options.Endpoint!), UploadIntegrity.Trailer);
        _public = ClientFor(new Uri(_options.PublicEndpoint ?? _options.Endpoint!), UploadIntegrity.Trailer);
        _spool = Path.Combine(Path.GetFullPath(data.Value.Directory), "spool");
        Directory.CreateDirectory(_spool);
    }

    public void Dispose() => _http.Dispose();

    /// <summary>How the store is reached; can be changed before the first request.</summary>
    public SocketsHttpHandler Connections { get; } =
        new()
        {
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseProxy = false,
        };

    internal override bool IsFar => true;

    string BucketName => _options.Bucket!;

    S3Client ClientFor(Uri endpoint, UploadIntegrity integrity) =>
        new(_http, endpoint, _options.Region, _credentials, Time)
        {
            NamesBucketByHost = !_options.PathStyle,
            Integrity = integrity,
        };

    internal static Credentials ReadKeys(S3StoreOptions options)
    {
        if (options.KeyFile is null)
            return new Credentials(options.AccessKey!, options.SecretKey!);
        var lines = File.ReadAllLines(options.KeyFile)
            .Select(line => line.Split('=', 2, StringSplitOptions.TrimEntries))
            .Where(pair => pair.Length == 2)
            .ToLookup(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        return new Credentials(Single("aws_access_key_id"), Single("aws_secret_access_key"));

        string Single(string name) =>
            lines[name].FirstOrDefault()
            ?? throw new InvalidOperationException(
                $"{S3StoreOptions.Section}:{nameof(S3StoreOptions.KeyFile)} {options.KeyFile} has no line '{name} = …'."
            );
    }

    /// <summary>The name of a blob's object: under its proposal and sequence, or its workspace, so that one sees there whose it is.</summary>
    string NameOf(string folder, string key, string blob)
    {
        // In a workspace any name is allowed; a sequence's is one that every store takes.
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var first = slash > 0 && !folder.Contains('/') ? key[..slash] : "";
        return first.Length is > 0 and <= 64 && first.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? $"{_options.Prefix}{folder}/{first}/{blob}"
            : $"{_options.Prefix}{folder}/{blob}";
    }

    // For people who look into the store, or must do without a catalogue. Metadata of S3 is ASCII and at most 2 KB.
    static ObjectOptions? About(string key)
    {
        var name = UriEncoding.Encode(key, keepSlash: true);
        return name.Length > 1500
            ? null
            : new ObjectOptions
            {
                ContentType = "application/octet-stream",
                Metadata = new Dictionary<string, string> { ["harima-key"] = name },
            };
    }

    internal override string? PlaceOf(string folder, string key, string blob) =>
        $"s3://{BucketName}/{NameOf(folder, key, blob)}";

    // What is left of a bucket's room is nothing S3 can be asked.
    internal override Room? FindRoom() => null;

    internal override async ValueTask<bool> IsThereAsync(CancellationToken cancellationToken) =>
        await AskAsync(token => _client.FindObjectAsync(BucketName, _options.Prefix + Mark, token), cancellationToken)
            is not null;

    /// <summary>Sees to it that this is the store the catalogue was written with, and finds out what it can do.</summary>
    internal override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RequireSameStoreAsync(cancellationToken);
            await ProbeAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is FaultException or S3Exception)
        {
            throw new InvalidOperationException(
                $"The store of {S3StoreOptions.Section} ({_options.Endpoint}, bucket {BucketName}) cannot be used: "
                    + (fault.InnerException?.Message ?? fault.Message),
                fault
            );
        }
    }

    async Task RequireSameStoreAsync(CancellationToken cancellationToken)
    {
        var there = await ReadMarkAsync(cancellationToken);
        var known = await ByteStoreMark.TakeAsync(
            _database,
            _writer,
            "s3",
            there ?? NewStaged().Blob,
            cancellationToken
        );
        if (there == known)
            return;
        if (there is not null || await ByteStoreMark.HasFilesAsync(_database, cancellationToken))
            throw new InvalidOperationException(
                $"The bucket {BucketName} is not the one this catalogue was written with: '{_options.Prefix}{Mark}' in it says "
                    + $"{there ?? "nothing"}, the catalogue {known}. Check {S3StoreOptions.Section}:Bucket and Prefix."
            );
        var bytes = Encoding.ASCII.GetBytes(known);
        await AskAsync(
            token => _client.PutBytesAsync(BucketName, _options.Prefix + Mark, bytes, null, token),
            cancellationToken
        );
    }

    async Task<string?> ReadMarkAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ReadTextAsync(_options.Prefix + Mark, cancellationToken);
        }
        catch (S3Exception none) when (none.Code is "NoSuchKey")
        {
            return null;
        }
    }

    Task<string> ReadTextAsync(string name, CancellationToken cancellationToken) =>
        AskAsync(
            async token =>
            {
                using var body = await _client.GetObjectAsync(BucketName, name, null, null, token);
                using var reader = new StreamReader(body.Content, Encoding.ASCII);
                return await reader.ReadToEndAsync(token);
            },
            cancellationToken
        );

    /// <summary>Stores a few bytes with a trailer and reads them back: stores that know no trailers refuse, or store the chunks' heads too.</summary>
    async Task ProbeAsync(CancellationToken cancellationToken)
    {
        foreach (var integrity in new[] { UploadIntegrity.Trailer, UploadIntegrity.SignedChunks })
        {
            var name = $"{_options.Prefix}{Mark}-probe-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
            var client = ClientFor(new Uri(_options.Endpoint!), integrity);
            try
            {
                using var text = new MemoryStream(Encoding.ASCII.GetBytes(name));
                await client.PutObjectAsync(BucketName, name, text, text.Length, null, cancellationToken);
                if (await ReadTextAsync(name, cancellationToken) == name)
                {
                    _client = client;
                    LogPrepared(_logger, _options.Endpoint!, BucketName, integrity);
                    return;
                }
            }
            catch (Exception refused) when (refused is S3Exception or HttpRequestException)
            {
                LogProbe(_logger, integrity, refused.Message);
            }
            finally
            {
                await AskAsync(token => DeleteAsync(name, token), cancellationToken);
            }
        }
        throw new InvalidOperationException(
            $"The store of {S3StoreOptions.Section} takes neither checksums in trailers nor signed chunks, so nobody could tell whether bytes arrive whole."
        );
    }

    async Task<bool> DeleteAsync(string name, CancellationToken cancellationToken)
    {
        await _client.DeleteObjectAsync(BucketName, name, cancellationToken);
        return true;
    }

    /// <summary>Asks something that may be asked again, and asks again where the store was out of breath.</summary>
    /// <exception cref="FaultException">StorageFull; Unavailable.</exception>
    /// <exception cref="S3Exception">Any other refusal.</exception>
    async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        const int Attempts = 4;
        for (var attempt = 1; ; attempt++)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(RequestTimeout);
            try
            {
                return await ask(patience.Token);
            }
            catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
            {
                if (!IsTransient(fault) || attempt == Attempts)
                    throw Translate(fault);
            }
            await Task.Delay(TimeSpan.FromMilliseconds(100 << (2 * (attempt - 1))), Time, cancellationToken);
        }
    }

    // Completing an upload of many parts may take minutes.
    static readonly TimeSpan RequestTimeout = TimeSpan.FromMinutes(5);

    static bool IsTransient(Exception fault) =>
        fault is HttpRequestException or IOException or OperationCanceledException
        || (fault is S3Exception answer && answer.Status is 429 or (>= 500 and not 501 and not 507));

    /// <summary>What the other store says, in Harima's words.</summary>
    Exception Translate(Exception fault)
    {
        if (IsFull(fault))
            return Full(fault);
        if (IsTransient(fault) || IsOurFault(fault))
        {
            LogUnavailable(_logger, fault);
            return Unavailable(fault);
        }
        return fault;
    }

    static bool IsFull(Exception fault) =>
        fault is S3Exception answer
        && (
            answer.Status == 507
            || answer.Code is "QuotaExceeded" or "InsufficientStorage" or "XMinioStorageFull" or "StorageFull"
        );

    // Keys that were taken away, a bucket that was deleted: no client can do anything about it.
    static bool IsOurFault(Exception fault) =>
        fault is S3Exception answer
        && (answer.Status is 401 or 403 || answer.Code is "NoSuchBucket" || answer.Status is >= 300 and < 400);

    static FaultException Unavailable(Exception? fault) =>
        new(
            FaultCode.Unavailable,
            "storage-unavailable",
            "The storage behind Harima cannot be reached at the moment. Nothing was lost: try again in a minute.",
            inner: fault
        );

    [LoggerMessage(
        2201,
        LogLevel.Information,
        "Files lie in {Endpoint}, bucket {Bucket}; uploads there by {Integrity}"
    )]
    static partial void LogPrepared(ILogger logger, string endpoint, string bucket, UploadIntegrity integrity);

    [LoggerMessage(2202, LogLevel.Information, "The store does not take {Integrity}: {Answer}")]
    static partial void LogProbe(ILogger logger, UploadIntegrity integrity, string answer);

    [LoggerMessage(2203, LogLevel.Error, "The store behind Harima fails")]
    static partial void LogUnavailable(ILogger logger, Exception fault);
}

/// <summary>Which store a catalogue belongs to.</summary>
static class ByteStoreMark
{
    /// <summary>Writes down the store at the first start.</summary>
    /// <returns>The mark that is written down.</returns>
    /// <exception cref="InvalidOperationException">The catalogue belongs to a store of another kind.</exception>
    public static async Task<string> TakeAsync(
        Database database,
        CatalogueWriter writer,
        string kind,
        string mark,
        CancellationToken cancellationToken
    )
    {
        // A catalogue of before this table existed has its files in the tree.
        var first = kind != "tree" && await HasFilesAsync(database, cancellationToken) ? "tree" : kind;
        var (known, marked) = await writer.WriteAsync(
            transaction =>
            {
                transaction.Connection!.Execute(
                    "INSERT INTO byte_store (id, kind, mark) VALUES (1, @first, @mark) ON CONFLICT (id) DO NOTHING",
                    new { first, mark },
                    transaction
                );
                return transaction.Connection!.QuerySingle<(string, string)>(
                    "SELECT kind, mark FROM byte_store WHERE id = 1",
                    transaction: transaction
                );
            },
            cancellationToken
        );
        return known == kind
            ? marked
            : throw new InvalidOperationException(
                known == "tree"
                    ? $"The files of this catalogue lie in a tree, but {S3StoreOptions.Section}:Bucket names another store. Take that setting away."
                    : $"The files of this catalogue lie in an S3 store, but {S3StoreOptions.Section}:Bucket is not set."
            );
    }

    public static async Task<bool> HasFilesAsync(Database database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM (SELECT 1 FROM data_file LIMIT 1) f")
            > 0;
    }
}

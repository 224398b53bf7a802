using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Harima.Gateway;
using Harima.S3.Client;

[assembly: AssemblyFixture(typeof(Harima.Storage.HarimaByHostOnHarima))]
[assembly: AssemblyFixture(typeof(Harima.Storage.HarimaByHostOnRadosgw))]

namespace Harima.Storage;

/// <summary>
/// Over a store whose bucket is named by the host, as AWS wants it (<c>bucket.s3.harima.test</c>), with keys out of a file as the AWS tools
/// write it. No name server knows the host, so connections are made to where the store really is; everything else is as over the Internet.
/// </summary>
public abstract class HarimaByHostName : S3BackedHarima
{
    readonly string _keys = Path.Combine(Path.GetTempPath(), $"harima-keys-{Guid.CreateVersion7():N}");

    protected override IEnumerable<string> Settings =>
        [
            .. base.Settings.Select(setting =>
                setting == Store.Endpoint.ToString() ? $"http://{S3Domain}:{Store.Endpoint.Port}" : setting
            ),
            "--Harima:Storage:S3:PathStyle",
            "false",
            "--Harima:Storage:S3:KeyFile",
            _keys,
            // The file counts.
            "--Harima:Storage:S3:AccessKey",
            "nobody",
            "--Harima:Storage:S3:SecretKey",
            "nothing",
        ];

    protected override void Prepare(IServiceProvider services)
    {
        File.WriteAllText(
            _keys,
            $"""
            # As ~/.aws/credentials
            [default]
            aws_access_key_id = {Store.Keys.AccessKeyId}
            aws_secret_access_key={Store.Keys.SecretKey}

            """
        );
        ((S3Store)Get<ByteStore>()).Connections.ConnectCallback = async (context, cancellationToken) =>
        {
            Hosts.Add(context.DnsEndPoint.Host);
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync("127.0.0.1", context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        };
    }

    /// <summary>The hosts that were connected to.</summary>
    public ConcurrentBag<string> Hosts { get; } = [];

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        File.Delete(_keys);
        GC.SuppressFinalize(this);
    }
}

public sealed class HarimaByHostOnHarima : HarimaByHostName
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

public sealed class HarimaByHostOnRadosgw : HarimaByHostName
{
    public override string? Missing => HarimaOnRadosgw.WhyMissing;

    protected override Task<BackingStore> StartStoreAsync() => HarimaOnRadosgw.CreateBucketAsync(Http);
}

public sealed class ByHostOnHarima(HarimaByHostOnHarima harima) : ByHostTests(harima);

public sealed class ByHostOnRadosgw(HarimaByHostOnRadosgw harima) : ByHostTests(harima);

public abstract class ByHostTests(HarimaByHostName harima) : GatewayTests(harima)
{
    [Theory]
    [InlineData(100)]
    [InlineData(300_000)]
    [InlineData(30_000_000)]
    public async Task Objects_are_put_read_copied_and_removed(int sizeBytes)
    {
        var (sequence, bytes) = (NewSequence(), RandomNumberGenerator.GetBytes(sizeBytes));
        var at = $"/{Bucket}/{sequence}/a%20%E8%A9%A6%E6%96%99%2B1";
        (await SendAsync("leader", "PUT", at, new ByteArrayContent(bytes))).IsOk();
        (
            await SendAsync("leader", "PUT", $"/{Bucket}/{sequence}/b", (HttpContent?)null, ("x-amz-copy-source", at))
        ).IsOk();
        (await SendAsync("leader", "DELETE", at)).IsOk(HttpStatusCode.NoContent);

        Assert.Equal(bytes, (await SendAsync("leader", "GET", $"/{Bucket}/{sequence}/b")).IsOk().Body);
        var part = await SendAsync(
            "leader",
            "GET",
            $"/{Bucket}/{sequence}/b",
            (HttpContent?)null,
            ("Range", "bytes=7-70")
        );
        Assert.Equal(bytes[7..71], part.IsOk(HttpStatusCode.PartialContent).Body);
        Assert.Equal([$"{harima.Store.Bucket}.{RunningHarima.S3Domain}"], harima.Hosts.Distinct());
        Assert.Equal("NoSuchKey", (await SendAsync("leader", "GET", at)).Xml.Element("Code")!.Value);
    }

    [Fact]
    public async Task A_multipart_upload_becomes_one_of_the_store()
    {
        var (key, bytes) = ($"{NewSequence()}/parts", RandomNumberGenerator.GetBytes(12_000_000));
        var id = await Leader.CreateMultipartUploadAsync(Bucket, key, null, Token);
        var parts = new List<UploadedPart>();
        for (var offset = 0; offset < bytes.Length; offset += 6_000_000)
            parts.Add(
                await Leader.UploadPartAsync(
                    Bucket,
                    key,
                    id,
                    parts.Count + 1,
                    new MemoryStream(bytes, offset, 6_000_000),
                    6_000_000,
                    Token
                )
            );
        await Leader.CompleteMultipartUploadAsync(Bucket, key, id, parts, Token);
        Assert.Equal(bytes, (await SendAsync("leader", "GET", $"/{Bucket}/{key}")).IsOk().Body);
    }
}

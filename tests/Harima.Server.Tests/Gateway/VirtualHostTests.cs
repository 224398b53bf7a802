using System.Net.Sockets;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Harima.Gateway;

public sealed class VirtualHostOnSqlite(SqliteHarima harima) : VirtualHostTests(harima);

public sealed class VirtualHostOnPostgres(PostgresHarima harima) : VirtualHostTests(harima);

/// <summary>The bucket in the host, as the AWS SDK asks by default.</summary>
public abstract class VirtualHostTests(RunningHarima harima) : GatewayTests(harima)
{
    readonly string _sequence = NewSequence();

    AmazonS3Client ClientOf(string user)
    {
        var key = Harima.KeyOf(user);
        return new AmazonS3Client(
            new BasicAWSCredentials(key.AccessKeyId, key.SecretKey),
            new AmazonS3Config
            {
                ServiceURL = $"http://{RunningHarima.S3Domain}:{Harima.S3.Port}",
                AuthenticationRegion = "us-east-1",
                MaxErrorRetry = 0,
                HttpClientFactory = new NoDns(Harima.S3.Port),
            }
        );
    }

    Task<Answer> HostAsync(string host, string method, string target) =>
        SendAsync(Anonymous, method, target, headers: [("Host", host)]);

    [Fact]
    public async Task What_one_may_not_read_does_not_exist()
    {
        using var client = ClientOf("stranger");
        var refused = await Assert.ThrowsAnyAsync<AmazonS3Exception>(() =>
            client.GetObjectAsync(PrivateBucket, "S1/a", Token)
        );
        Assert.Equal("NoSuchBucket", refused.ErrorCode);
    }

    [Theory]
    [InlineData("2026a2001.s3.harima.test", "/healthz", "AccessDenied")]
    [InlineData("2026A2001.S3.Harima.TEST:80", "/S1/none", "AccessDenied")]
    [InlineData("s3.harima.test", "/2026a2001/S1/none", "AccessDenied")]
    [InlineData("2026a2001.other.test", "/S1/none", "AccessDenied")]
    public async Task The_host_names_the_bucket(string host, string target, string code)
    {
        var answer = await HostAsync(host, "GET", target);
        answer.IsRefused(403, code);
        Assert.Equal(
            host.StartsWith("2026", StringComparison.Ordinal) && !host.Contains("other", StringComparison.Ordinal)
            || host.StartsWith("s3", StringComparison.Ordinal)
                ? PrivateBucket
                : "S1",
            answer.Xml.Element("BucketName")!.Value
        );
    }

    [Fact]
    public async Task The_SDK_puts_gets_lists_and_presigns()
    {
        using var client = ClientOf("leader");
        var key = $"{_sequence}/試料 A+B/1.txt";

        await client.PutObjectAsync(
            new PutObjectRequest
            {
                BucketName = Bucket,
                Key = key,
                ContentBody = "by host",
            },
            Token
        );
        using var got = await client.GetObjectAsync(Bucket, key, Token);
        using var reader = new StreamReader(got.ResponseStream);
        Assert.Equal("by host", await reader.ReadToEndAsync(Token));
        var listed = await client.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = Bucket, Prefix = _sequence + "/" },
            Token
        );
        Assert.Equal([key], listed.S3Objects.Select(o => o.Key));
        Assert.Contains(Bucket, (await client.ListBucketsAsync(Token)).Buckets.Select(bucket => bucket.BucketName));

        var url = new Uri(
            client.GetPreSignedURL(
                new GetPreSignedUrlRequest
                {
                    BucketName = Bucket,
                    Key = key,
                    Protocol = Protocol.HTTP,
                    Expires = TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(5),
                }
            )
        );
        Assert.Equal($"{Bucket}.{RunningHarima.S3Domain}", url.Host);
        Assert.Equal("by host", (await HostAsync(url.Authority, "GET", url.PathAndQuery)).IsOk().Text);
    }

    /// <summary>Whatever the name, the server under test.</summary>
    sealed class NoDns(int port) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) =>
            new(
                new SocketsHttpHandler
                {
                    ConnectCallback = async (_, cancellationToken) =>
                    {
                        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                        await socket.ConnectAsync("127.0.0.1", port, cancellationToken);
                        return new NetworkStream(socket, ownsSocket: true);
                    },
                }
            );
    }
}

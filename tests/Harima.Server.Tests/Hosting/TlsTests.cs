using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;

namespace Harima.Hosting;

/// <summary>Both doors by https, behind a proxy that is believed.</summary>
public sealed class SecureHarima : RunningHarima
{
    readonly string _folder = Directory.CreateTempSubdirectory("harima-tls-").FullName;

    public string File => Path.Combine(_folder, "chain.pem");

    protected override IEnumerable<string> Settings
    {
        get
        {
            TlsTests.WriteCertificate(File, "s3.harima.test");
            return ["--Harima:Server:CertificateFile", File, "--Harima:Server:TrustedProxies", "127.0.0.0/8 ::1"];
        }
    }

    protected override Task<string> CreateDatabaseAsync() => Task.FromResult("sqlite");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

public sealed class TlsTests(SecureHarima harima) : IClassFixture<SecureHarima>, IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("harima-tls-").FullName;

    /// <summary>Certificate and key in one file.</summary>
    internal static void WriteCertificate(string file, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(file, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Both_doors_show_the_certificate(bool s3)
    {
        string? shown = null;
        using var http = new HttpClient(
            new SocketsHttpHandler
            {
                SslOptions = new SslClientAuthenticationOptions
                {
                    RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    {
                        shown = certificate!.Subject;
                        return shown == "CN=s3.harima.test";
                    },
                },
            }
        );
        var door = s3 ? harima.S3 : harima.Portal;
        using var answer = await http.GetAsync(
            new Uri($"https://127.0.0.1:{door.Port}/healthz"),
            TestContext.Current.CancellationToken
        );
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("CN=s3.harima.test", shown);
    }

    [Fact]
    public void A_renewed_certificate_is_read_and_a_broken_one_is_not()
    {
        var file = Path.Combine(_folder, "chain.pem");
        WriteCertificate(file, "first");
        var clock = new TurnedClock();
        var certificate = new Certificate(file, null, clock, NullLogger<Certificate>.Instance);
        void Change(string text)
        {
            File.WriteAllText(file, text);
            File.SetLastWriteTimeUtc(
                file,
                File.GetLastWriteTimeUtc(file).AddSeconds(clock.Turn(TimeSpan.FromMinutes(2)))
            );
        }

        Assert.Equal("CN=first", certificate.Current.TargetCertificate.Subject);
        Change("half a certificate");
        Assert.Equal("CN=first", certificate.Current.TargetCertificate.Subject);
        var other = Path.Combine(_folder, "other.pem");
        WriteCertificate(other, "second");
        Change(File.ReadAllText(other));
        Assert.Equal("CN=second", certificate.Current.TargetCertificate.Subject);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    sealed class TurnedClock : TimeProvider
    {
        DateTimeOffset _now = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => _now;

        public int Turn(TimeSpan by)
        {
            _now += by;
            return (int)by.TotalSeconds;
        }
    }
}

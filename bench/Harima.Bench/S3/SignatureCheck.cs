using BenchmarkDotNet.Attributes;
using Harima.S3.Signing;

namespace Harima.Bench.S3;

/// <summary>One signature check with the signing key remembered: what every request to the gateway pays.</summary>
[MemoryDiagnoser]
public class SignatureCheck
{
    const string SecretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    static readonly TimeProvider Clock = new Stopped();

    readonly SignatureVerifier _verifier = new(Clock);
    readonly Dictionary<string, string> _headers = new(StringComparer.OrdinalIgnoreCase);
    string _presigned = "";

    const string Target = "/2026a1234/S0042/raw/scan_0001.h5";

    [GlobalSetup]
    public void Sign()
    {
        var signer = new RequestSigner(new Credentials("AKIAIOSFODNN7EXAMPLE", SecretKey), "us-east-1", Clock);
        using var request = new HttpRequestMessage(HttpMethod.Get, RawUri.Create("http://localhost:9000" + Target));
        signer.Sign(request, PayloadHash.UnsignedPayload);
        foreach (var (name, values) in request.Headers.NonValidated)
            _headers[name] = values.ToString();
        _headers["host"] = "localhost:9000";
        _presigned = signer.Presign(HttpMethod.Get, request.RequestUri!, TimeSpan.FromHours(1)).PathAndQuery;
    }

    [Benchmark]
    public void Header() => Check(Target, _headers.GetValueOrDefault);

    [Benchmark]
    public void Presigned() => Check(_presigned, name => name == "host" ? "localhost:9000" : null);

    void Check(string target, HeaderLookup headers)
    {
        var request = SignatureVerifier.Parse("GET", RequestTarget.Parse(target), headers)!;
        _verifier.Verify(request, SecretKey);
    }

    sealed class Stopped : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 5, 24, 0, 0, 0, TimeSpan.Zero);
    }
}

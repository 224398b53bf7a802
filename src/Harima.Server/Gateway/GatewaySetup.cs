using System.Text;
using Harima.Gateway.Operations;
using Harima.Gateway.Sts;
using Harima.Hosting;
using Harima.S3.Signing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Harima.Gateway;

/// <summary>Puts the S3 gateway behind its door.</summary>
static class GatewaySetup
{
    public static IServiceCollection AddGateway(this IServiceCollection services) =>
        services
            .AddSingleton<SignatureVerifier>()
            .AddSingleton<RateLimits>()
            .AddSingleton<Authenticator>()
            .AddSingleton<S3Hosts>()
            .AddSingleton<ExchangeLog>()
            .AddSingleton<StsPipeline>()
            .AddSingleton<WebIdentities>()
            .AddSingleton<S3Pipeline>()
            .AddSingleton<AccelRedirect>()
            .AddSingleton<StoreRedirect>()
            .AddSingleton<IS3Operation, ListBuckets>()
            .AddSingleton<IS3Operation, GetUsage>()
            .AddSingleton<IS3Operation, HeadBucket>()
            .AddSingleton<IS3Operation, GetBucketLocation>()
            .AddSingleton<IS3Operation, GetBucketVersioning>()
            .AddSingleton<IS3Operation, PutBucketVersioning>()
            .AddSingleton<IS3Operation, ListObjects>()
            .AddSingleton<IS3Operation, ListObjectsV2>()
            .AddSingleton<IS3Operation, ListObjectVersions>()
            .AddSingleton<IS3Operation, ListMultipartUploads>()
            .AddSingleton<IS3Operation, DeleteObjects>()
            .AddSingleton<IS3Operation, GetObject>()
            .AddSingleton<IS3Operation, GetObjectAttributes>()
            .AddSingleton<IS3Operation, GetObjectTagging>()
            .AddSingleton<IS3Operation, PutObjectTagging>()
            .AddSingleton<IS3Operation, DeleteObjectTagging>()
            .AddSingleton<IS3Operation, HeadObject>()
            .AddSingleton<IS3Operation, PutObject>()
            .AddSingleton<IS3Operation, PostObject>()
            .AddSingleton<IS3Operation, CopyObject>()
            .AddSingleton<IS3Operation, DeleteObject>()
            .AddSingleton<IS3Operation, CreateMultipartUpload>()
            .AddSingleton<IS3Operation, UploadPart>()
            .AddSingleton<IS3Operation, UploadPartCopy>()
            .AddSingleton<IS3Operation, CompleteMultipartUpload>()
            .AddSingleton<IS3Operation, AbortMultipartUpload>()
            .AddSingleton<IS3Operation, ListParts>()
            .AddSingleton<IS3Operation, CreateBucket>()
            .AddSingleton<IS3Operation, DeleteBucket>()
            .AddSingleton<IS3Operation, GetBucketAcl>()
            .AddSingleton<IS3Operation, PutBucketAcl>()
            .AddSingleton<IS3Operation, GetBucketCors>()
            .AddSingleton<IS3Operation, PutBucketCors>()
            .AddSingleton<IS3Operation, DeleteBucketCors>()
            .AddSingleton<IS3Operation, GetBucketTagging>()
            .AddSingleton<IS3Operation, PutBucketTagging>()
            .AddSingleton<IS3Operation, DeleteBucketTagging>()
            .AddSingleton<IS3Operation, GetBucketOwnershipControls>()
            .AddSingleton<IS3Operation, PutBucketOwnershipControls>()
            .AddSingleton<IS3Operation, DeleteBucketOwnershipControls>()
            .AddSingleton<IS3Operation, GetPublicAccessBlock>()
            .AddSingleton<IS3Operation, PutPublicAccessBlock>()
            .AddSingleton<IS3Operation, DeletePublicAccessBlock>()
            .AddSingleton<IS3Operation, GetBucketPolicy>()
            .AddSingleton<IS3Operation, PutBucketPolicy>()
            .AddSingleton<IS3Operation, DeleteBucketPolicy>()
            .AddSingleton<IS3Operation, GetBucketPolicyStatus>()
            .AddSingleton<IS3Operation, GetObjectAcl>()
            .AddSingleton<IS3Operation, PutObjectAcl>()
            .AddSingleton<Cors>()
            .AddSingleton<IStartupFilter, Door>()
            .AddSingleton<IConfigureOptions<KestrelServerOptions>, Connections>();

    /// <summary>How connections are read, and how long they may take.</summary>
    sealed class Connections(IOptions<GatewayOptions> options) : IConfigureOptions<KestrelServerOptions>
    {
        public void Configure(KestrelServerOptions kestrel)
        {
            // Signatures cover the bytes of headers, whatever their encoding; Latin-1 keeps each byte a char.
            kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
            kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;

            var (limits, wanted) = (kestrel.Limits, options.Value);
            limits.RequestHeadersTimeout = wanted.HeaderTimeout;
            limits.KeepAliveTimeout = wanted.IdleTimeout;
            limits.MaxRequestHeadersTotalSize = wanted.MaxHeaderBytes;
            limits.MaxConcurrentConnections = wanted.MaxConnections == 0 ? null : wanted.MaxConnections;
            var rate =
                wanted.MinBytesPerSecond == 0 ? null : new MinDataRate(wanted.MinBytesPerSecond, wanted.TransferGrace);
            limits.MinRequestBodyDataRate = rate;
            limits.MinResponseDataRate = rate;
        }
    }

    /// <summary>
    /// Takes the requests of the S3 port before routing sees them: a key may look like any path of the portal.
    /// </summary>
    sealed class Door(S3Pipeline pipeline) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
            app =>
            {
                app.MapWhen(http => http.IsS3(), gateway => gateway.Run(pipeline.HandleAsync));
                next(app);
            };
    }
}

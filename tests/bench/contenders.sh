# contenders.sh - how each gateway of the comparison is configured and started; read by `compare`.
#
# Each listens with HTTP/1.1 on $port and with TLS on $port+1, passes everything to the origin, runs one worker,
# stays in the foreground and ends on SIGTERM. None writes an access log, except weir-log.

origin_port=18000
contenders="nginx haproxy weir weir-log weir-routes"

port_of() {
	case $1 in
	nginx) echo 18010 ;;
	haproxy) echo 18020 ;;
	weir) echo 18030 ;;
	weir-log) echo 18040 ;;
	weir-routes) echo 18050 ;;
	esac
}

# body BYTES - that many, and no line end.
body() {
	head -c "$1" /dev/zero | tr '\0' x
}

# What all share: a certificate, the origin's files, the body of a POST.
write_common() {
	mkdir -p "$scratch/files"
	body 128 >"$scratch/files/small"
	body 16384 >"$scratch/files/middle"
	body 1048576 >"$scratch/files/large"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
		-keyout "$scratch/key.pem" -out "$scratch/cert.pem" 2>/dev/null
	cat "$scratch/cert.pem" "$scratch/key.pem" >"$scratch/both.pem"
}

# nginx_conf NAME UPSTREAM-OR-NOTHING PORT - one worker, nothing written but errors.
nginx_conf() {
	cat <<-END
	$([ "$(id -u)" != 0 ] || echo 'user root;')
	worker_processes 1; daemon off; pid $scratch/$1.pid; error_log $scratch/$1.err warn;
	events { worker_connections 19000; multi_accept on; }
	http {
	access_log off; keepalive_timeout 3600s; keepalive_requests 1000000000; tcp_nodelay on;
	client_body_temp_path $scratch/$1.body; proxy_temp_path $scratch/$1.temp;
	fastcgi_temp_path $scratch/$1.f; uwsgi_temp_path $scratch/$1.u; scgi_temp_path $scratch/$1.s;
	END
}

write_origin() {
	nginx_conf origin
	cat <<-END
	open_file_cache max=10; sendfile on;
	server {
		listen 127.0.0.1:$origin_port backlog=4096; root $scratch/files;
		location = /small { return 200 "$(cat "$scratch/files/small")"; }
		location = /post { return 200 "$(cat "$scratch/files/small")"; }
	}
	}
	END
}

write_nginx() {
	local proxy="location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection '';
		proxy_set_header Host \$host; proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for; }"

	nginx_conf nginx
	cat <<-END
	proxy_max_temp_file_size 0; ssl_protocols TLSv1.3;
	ssl_certificate $scratch/cert.pem; ssl_certificate_key $scratch/key.pem;
	upstream up { server 127.0.0.1:$origin_port; keepalive 512; keepalive_requests 1000000000; }
	server { listen 127.0.0.1:$1 backlog=4096; $proxy }
	server { listen 127.0.0.1:$(($1 + 1)) ssl backlog=4096; $proxy }
	}
	END
}

write_haproxy() {
	cat <<-END
	global
	  nbthread 1
	  maxconn 9000
	defaults
	  mode http
	  timeout client 3600s
	  timeout server 3600s
	  timeout connect 5s
	  http-reuse always
	frontend f
	  bind 127.0.0.1:$1
	  bind 127.0.0.1:$(($1 + 1)) ssl crt $scratch/both.pem ssl-min-ver TLSv1.3 alpn http/1.1
	  option forwardfor
	  default_backend b
	backend b
	  server s 127.0.0.1:$origin_port pool-max-conn 1000 pool-purge-delay 3600s
	END
}

# write_weir PORT - the plain one; the others add to it.
write_weir() {
	cat <<-END
	listen:
	  plain: "127.0.0.1:$1"
	  secure:
	    address: "127.0.0.1:$(($1 + 1))"
	    tls: {certs: [{cert: $scratch/cert.pem, key: $scratch/key.pem}]}
	workers: 1
	services:
	  origin: {endpoints: ["127.0.0.1:$origin_port"]}
	END
}

# Ten thousand routes to a thousand services before the one that is asked for.
write_many() {
	write_weir "$1"
	seq 1000 | sed "s/.*/  s&: {endpoints: [\"127.0.0.1:$origin_port\"]}/"
	echo "routes:"
	seq 9999 | awk '{ print "  - {match: {path: /api/" $1 "/*}, to: s" $1 % 1000 + 1 "}" }'
	echo "  - {to: origin}"
}

# write_contender NAME - its configuration, in $scratch/NAME.conf.
write_contender() {
	local port

	port=$(port_of "$1")
	case $1 in
	nginx) write_nginx "$port" ;;
	haproxy) write_haproxy "$port" ;;
	weir) write_weir "$port" && echo "routes: [{to: origin}]" ;;
	weir-log) write_weir "$port" && echo "routes: [{to: origin}]" && echo "access_log: $scratch/access.log" ;;
	weir-routes) write_many "$port" ;;
	esac >"$scratch/$1.conf"
}

# command_of NAME - what to start; nothing for one that is not installed.
command_of() {
	case $1 in
	nginx) ! command -v nginx >/dev/null || echo "nginx -c $scratch/nginx.conf" ;;
	haproxy) ! command -v haproxy >/dev/null || echo "haproxy -f $scratch/haproxy.conf" ;;
	weir*) echo "$weir run -c $scratch/$1.conf" ;;
	esac
}

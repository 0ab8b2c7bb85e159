# The application of the demo on a node: says which files it finds when it starts, and then each request that it gets.
for file in /etc/dashboards/*; do
  [ -f "$file" ] && echo "found ${file#/etc/dashboards/}: $(cat "$file")"
done
# Input and output are the connection; what goes to stderr stays here. The requests that come have no body.
answer='
  read -r method path version
  echo "request: $method $path" >&2
  while read -r header && [ "${#header}" -gt 1 ]; do :; done
  printf "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
'
echo "serving"
exec nc -ll -p 3000 -e sh -c "$answer"
